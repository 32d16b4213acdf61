import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { EasClient } from '../phone/phone.ts'
import { deleteCommand, readCommand } from '../phone/documents.ts'
import type { Transport } from '../phone/transport.ts'
import { type MailboxRig, mail, openMailboxRig } from '../../test/fake/mailbox-rig.ts'
import type { User } from '../directory/directory.ts'
import type { EasVersion } from '../wire/eas/version.ts'
import { listFolder, readRaw } from './records.ts'

// The law of synchronisation: whatever is delivered, read, deleted and moved, by whomever, and however many answers are
// lost, a client that goes on asking ends with exactly what the server has.

let rig: MailboxRig
before(async () => {
  rig = await openMailboxRig()
})
after(() => rig.stop())

type Step =
  | { readonly do: 'deliver' }
  | { readonly do: 'sync'; readonly device: 0 | 1; readonly window: number; readonly lost: boolean }
  | { readonly do: 'read'; readonly device: 0 | 1; readonly pick: number; readonly read: boolean }
  | {
      readonly do: 'delete'
      readonly device: 0 | 1
      readonly pick: number
      readonly forGood: boolean
    }
  | { readonly do: 'move'; readonly device: 0 | 1; readonly pick: number; readonly lost: boolean }
  | { readonly do: 'again'; readonly device: 0 | 1 }

const device = fc.constantFrom(0 as const, 1 as const)
const pick = fc.nat(20)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('sync' as const),
      device,
      window: fc.integer({ min: 1, max: 4 }),
      lost: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('read' as const), device, pick, read: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('delete' as const),
      device,
      pick,
      forGood: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('move' as const), device, pick, lost: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('again' as const), device }) },
)

/** A phone that keeps what it wants to tell until an answer says that it was heard. */
class Phone {
  readonly client: EasClient
  lose = false
  /** By server id: the last thing that the user did to it. */
  readonly wants = new Map<string, { read: boolean } | { forGood: boolean }>()

  constructor(transport: Transport, version: EasVersion) {
    this.client = new EasClient({
      version,
      transport: async (method, query, headers, body) => {
        const answer = await transport(method, query, headers, body)
        if (this.lose) throw new Error('lost')
        return answer
      },
    })
  }

  async losing<T>(lost: boolean, ask: () => Promise<T>): Promise<T | undefined> {
    this.lose = lost
    try {
      return await ask()
    } catch (thrown) {
      assert.ok(lost && thrown instanceof Error && thrown.message === 'lost', String(thrown))
      return undefined
    } finally {
      this.lose = false
    }
  }

  async sync(windowSize: number, lost: boolean): Promise<boolean> {
    const told = [...this.wants]
    const commands = told.map(([id, want]) =>
      'read' in want ? readCommand(id, want.read) : deleteCommand(id),
    )
    // One request deletes in one way only, as the protocol has it.
    const deletesAsMoves = !told.some(([, want]) => 'forGood' in want && want.forGood)
    const { client } = this
    const starting = (client.boxes.get(client.inbox)?.key ?? '0') === '0'
    const before = new Set(client.mails().keys())
    const options = starting ? {} : { windowSize, commands, deletesAsMoves }
    const seen = await this.losing(lost, () => client.sync(client.inbox, options))
    if (!seen) return true
    assert.ok(seen.empty || seen.collection?.status === 1, JSON.stringify(seen.collection))
    for (const { kind, serverId } of seen.collection?.changes ?? []) {
      assert.ok(kind !== 'add' || !before.has(serverId), `${serverId} came twice`)
    }
    if (!starting) for (const [id, want] of told) this.#heard(id, want)
    return starting || seen.collection?.more === true
  }

  // The server does not repeat what the client told it: the client's own word is what it shows.
  #heard(id: string, want: { read: boolean } | { forGood: boolean }): void {
    this.wants.delete(id)
    const box = this.client.boxes.get(this.client.inbox)
    const mail = box?.mails.get(id)
    if (!box || !mail) return
    if ('read' in want) box.mails.set(id, { ...mail, read: want.read })
    else box.mails.delete(id)
  }

  choose(pick: number): string | undefined {
    const ids = [...this.client.mails().keys()].filter((id) => !this.wants.has(id))
    return ids[pick % Math.max(1, ids.length)]
  }

  /** What the user sees: the server's word, and on top of it what the phone has still to tell. */
  shown(): string[] {
    return [...this.client.mails().values()]
      .map((one) => `${one.subject} ${one.read ? 'read' : 'new'}`)
      .sort()
  }
}

async function play(steps: readonly Step[], version: EasVersion): Promise<void> {
  const user = rig.person()
  const phones = [0, 1].map(() => new Phone(rig.own({ user, version }).transport, version))
  for (const { client } of phones) await client.folderSync()
  let delivered = 0
  for (const one of steps) {
    const phone = 'device' in one ? phones[one.device] : undefined
    const id = phone && 'pick' in one ? phone.choose(one.pick) : undefined
    if (one.do === 'deliver') {
      await rig.mailbox.deliver(user.id, mail(`mail ${++delivered}`))
      rig.clock.advance(delivered % 2)
    } else if (!phone) assert.fail()
    else if (one.do === 'sync') await phone.sync(one.window, one.lost)
    else if (one.do === 'again') {
      phone.client.boxes.clear()
      phone.wants.clear()
    } else if (!id) continue
    else if (one.do === 'read') phone.wants.set(id, { read: one.read })
    else if (one.do === 'delete') phone.wants.set(id, { forGood: one.forGood })
    else {
      const move = { serverId: id, from: phone.client.inbox, to: phone.client.folder(4) }
      await phone.losing(one.lost, () => phone.client.moveItems([move]))
    }
  }
  // Go on asking, twice around, since the first phone must hear of what the second had to tell.
  for (const phone of [...phones, ...phones]) {
    for (let round = 0; await phone.sync(3, false); round++) assert.ok(round < 200, 'no end')
  }
  const truth = await stored(user)
  for (const [index, phone] of phones.entries()) {
    assert.deepEqual(phone.shown(), truth, `phone ${index}`)
    assert.equal((await phone.client.sync()).collection?.changes.length ?? 0, 0)
  }
}

/** The Inbox as the tables have it. */
async function stored(user: User): Promise<string[]> {
  const shown: string[] = []
  for (const { item, read } of await listFolder(rig.store.db, user.id, 'po-inbox')) {
    const raw = Buffer.from((await readRaw(rig.store.db, user.id, item)) ?? [])
    shown.push(`${/Subject: (.*)\r/.exec(raw.toString())?.[1]} ${read ? 'read' : 'new'}`)
  }
  return shown.sort()
}

for (const version of ['2.5', '12.1', '14.1', '16.1'] as const) {
  test(`a client ends with exactly what the server has (${version})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) => play(steps, version)),
      { numRuns: 60 },
    )
  })
}
