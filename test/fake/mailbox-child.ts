// A process that is killed: delivers and syncs for ever on the store that its first argument names, and says on standard
// output what is done: `stored N` once message N was accepted, `synced KEY N` for every answer with N messages in all.
import { systemClock } from '../../src/base/clock.ts'
import { mail, openMailboxRig } from './mailbox-rig.ts'

const [url = '', user = '', partnership = '', from = '0', key = '0'] = process.argv.slice(2)
const rig = await openMailboxRig({ url, clock: systemClock })
// Ids of the parent's own making.
const alice = { ...rig.alice, id: user as typeof rig.alice.id }
const { client } = rig.own({ user: alice, partnership: partnership as `prt_${string}` })
client.boxes.set('po-inbox', { key, mails: new Map() })
for (let count = Number(from); ; ) {
  await rig.mailbox.deliver(alice.id, mail(`mail ${++count}`))
  process.stdout.write(`stored ${count}\n`)
  const seen = await client.sync('po-inbox', { windowSize: 3 })
  const added = (seen.collection?.changes ?? []).map((change) => change.serverId)
  process.stdout.write(`synced ${client.boxes.get('po-inbox')?.key} ${added.join(' ')}\n`)
}
