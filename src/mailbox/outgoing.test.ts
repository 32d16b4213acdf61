import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { User } from '../directory/directory.ts'
import { monday } from '../../test/fake/mailbox-rig.ts'
import { joinMessage, prepareOutgoing, splitMessage } from './outgoing.ts'

const sender: User = {
  id: 'usr_0',
  name: 'alice',
  displayName: 'Alice Müller',
  mail: 'alice@corp.test',
  enabled: true,
  role: 'user',
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const prepare = (raw: string, mark = 'm') => prepareOutgoing(Buffer.from(raw), sender, monday, mark)

describe('prepareOutgoing', () => {
  test("a message of one's own goes as it is, without Bcc", async () => {
    const raw =
      'From: Alice <ALICE@corp.test>\r\nTo: bob@x.test\r\nBcc: eve@x.test,\r\n f@x.test\r\nDate: x\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\n\r\nbody\r\n.\r\n'
    const { recipients, sent, copy } = await prepare(raw)
    assert.deepEqual(recipients, ['bob@x.test', 'eve@x.test', 'f@x.test'])
    assert.equal(
      text(sent),
      'From: Alice <ALICE@corp.test>\r\nTo: bob@x.test\r\nDate: x\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\n\r\nbody\r\n.\r\n',
    )
    assert.equal(text(copy), raw)
  })

  test("nobody writes in another's name", async () => {
    for (const from of [
      'From: boss@corp.test\r\n',
      'from : boss@corp.test\r\n',
      'From: boss@corp.test\r\nSender: alice@corp.test\r\n',
      'From: alice@corp.test\r\nFrom: boss@corp.test\r\n',
      'From: boss@corp.test, alice@corp.test\r\n',
      'From: alice@corp.test, boss@corp.test\r\n',
      'From: alice@corp.test\r\n , boss@corp.test\r\n',
      'From:\r\n boss@corp.test\r\n',
      '',
    ]) {
      const { sent } = await prepare(`${from}To: bob@x.test\r\n\r\nx`)
      assert.doesNotMatch(text(sent), /boss/, from)
      assert.match(text(sent), /^From: .*<?alice@corp\.test>?/m, from)
    }
  })

  test('a repeated message has the same id, another one another', async () => {
    const id = async (mark: string) =>
      /Message-ID: (\S+)/.exec(text((await prepare('To: b@x.test\r\n\r\n', mark)).sent))?.[1]
    assert.equal(await id('one'), await id('one'))
    assert.notEqual(await id('one'), await id('two'))
  })

  test('the body keeps every byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (body) => {
        const head = Buffer.from('To: b@x.test\r\nSubject: s\r\n\r\n')
        const { sent } = await prepareOutgoing(Buffer.concat([head, body]), sender, monday, 'm')
        assert.deepEqual(Buffer.from(splitMessage(sent).body), Buffer.from(body))
      }),
    )
  })

  test('no recipient is made of nothing', async () => {
    for (const raw of ['', '\r\n\r\nTo: a@x.test', 'To: \r\n\r\n', 'Subject: x\r\n\r\n']) {
      assert.deepEqual((await prepare(raw)).recipients, [], raw)
    }
    assert.deepEqual((await prepare('To: Team: A@x.test, a@x.test;\r\n\r\n')).recipients, [
      'a@x.test',
    ])
  })
})

describe('splitMessage', () => {
  test('folded fields stay whole, lines that are no field are dropped', () => {
    const { fields, body } = splitMessage(Buffer.from('A: 1\n 2\nnonsense\nB: 3\n\nC: 4\n'))
    assert.deepEqual(fields, ['A: 1\n 2', 'B: 3'])
    assert.equal(text(body), 'C: 4\n')
    assert.equal(text(joinMessage({ fields, body })), 'A: 1\n 2\r\nB: 3\r\n\r\nC: 4\n')
  })
})
