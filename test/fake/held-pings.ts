// A process of its own, since a test runner that follows every promise would be measured too: holds as many Pings as its
// argument says, ends them together, and prints { bytesEach, msToEndAll, answered }. Run with --expose-gc.
import assert from 'node:assert/strict'
import { systemClock } from '../../src/base/clock.ts'
import { Failure } from '../../src/base/failures.ts'
import { newId } from '../../src/base/id.ts'
import type { Awaiting, EasAnswer } from '../../src/mailbox/mailbox.ts'
import type { MailboxTables } from '../../src/mailbox/migrations.ts'
import { readEasRequest } from '../../src/wire/eas/request.ts'
import { writeWbxml } from '../../src/wire/wbxml/wbxml.ts'
import { pingDocument } from '../../src/phone/documents.ts'
import { openMailboxRig, settled } from './mailbox-rig.ts'

const count = Number(process.argv[2] ?? 10_000)
const rig = await openMailboxRig({ clock: systemClock })
const body = writeWbxml(pingDocument({ heartbeatSeconds: 3540, folders: ['po-inbox'] }))
const ended = new AbortController()

// Flat strings, as a database gives them.
const fromStore = <T extends string>(id: T) => Buffer.from(id).toString() as T // the same text

const answers: EasAnswer[] = []
const awaiting: Awaiting = {
  answered: (answer) => void answers.push(answer),
  failed(thrown) {
    throw new Failure('internal', 'a held Ping failed', { cause: thrown })
  },
}

async function hold(): Promise<void> {
  const request = readEasRequest({
    query: 'Cmd=Ping&User=a&DeviceId=pretend1&DeviceType=Pretend',
    protocolVersion: '14.1',
    policyKey: undefined,
    acceptMultiPart: undefined,
  })
  const view = rig.mailbox.own(fromStore(newId('usr', 0)), fromStore(newId('prt', 0)))
  // A body of its own for each, as from a socket, so that keeping it would show.
  const outcome = await view.answer(
    request,
    Buffer.concat([body, Buffer.alloc(4000)]).subarray(0, body.length),
    ended.signal,
  )
  if ('tell' in outcome) outcome.tell(awaiting)
  else awaiting.answered(outcome)
}

function heap(): number {
  assert.ok(globalThis.gc, 'run with --expose-gc')
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

async function keptCount(): Promise<number> {
  const all = rig.store.db
    .withTables<MailboxTables>()
    .selectFrom('mailbox_clients')
    .select(({ fn }) => fn.countAll().as('count'))
  return Number((await all.executeTakeFirstOrThrow()).count)
}

async function holdMany(many: number): Promise<void> {
  const goal = (await keptCount()) + many
  for (let index = 0; index < many; index++) void hold()
  // Each has kept its parameters by then, and waits.
  while ((await keptCount()) < goal) await settled()
  await settled()
}

await holdMany(500)
const before = heap()
await holdMany(count)
const bytesEach = Math.round((heap() - before) / count)
const started = performance.now()
ended.abort()
const msToEndAll = Math.round(performance.now() - started)
const answered = answers.filter((answer) => answer.status === 200 && answer.body).length
await rig.stop()
process.stdout.write(`${JSON.stringify({ bytesEach, msToEndAll, answered })}\n`)
