import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../base/failures.ts'
import { checkChange, checkDraft, checkGroupName } from './draft.ts'
import { foldName } from './fold.ts'

const good = { name: 'alice', mail: 'alice@example.org' }

test('a small draft gets its defaults', () => {
  assert.deepEqual(checkDraft(good), {
    name: 'alice',
    displayName: 'alice',
    mail: 'alice@example.org',
    password: undefined,
    role: 'user',
  })
})

test('names and addresses of real people pass', () => {
  for (const name of [
    'alice',
    'a',
    'alice@example.org',
    "o'neil",
    'Žofie Nováková',
    'user.name+tag',
  ])
    assert.equal(checkDraft({ ...good, name }).name, name)
  for (const mail of [
    'a@b',
    'alice@localhost',
    "o'neil+x@mail.example.co.uk",
    'zoë@bücher.example',
    'A_b-c.d@xn--bcher-kva.example',
    'उपयोगकर्ता@उदाहरण.भारत',
  ])
    assert.equal(checkDraft({ ...good, mail }).mail, mail)
})

const refused: readonly [draft: object, code: string, property: RegExp][] = [
  [{ name: '' }, 'request.malformed', /^name/],
  [{ name: '  ' }, 'request.malformed', /^name/],
  [{ name: ' alice' }, 'request.malformed', /^name/],
  [{ name: 'al:ice' }, 'request.malformed', /^name/],
  [{ name: 'CORP\\alice' }, 'request.malformed', /^name/],
  [{ name: 'alice/../bob' }, 'request.malformed', /^name/],
  [{ name: 'alice\r\nBcc: x' }, 'request.malformed', /^name/],
  [{ name: 'alice\u202egpj' }, 'request.malformed', /^name/],
  [{ name: 'ali\u200bce' }, 'request.malformed', /^name/],
  [{ name: 'alice\ud800' }, 'request.malformed', /^name/],
  [{ name: 'a'.repeat(321) }, 'limit.exceeded', /^name/],
  [{ displayName: 'a\u0000b' }, 'request.malformed', /^displayName/],
  [{ displayName: 'a'.repeat(257) }, 'limit.exceeded', /^displayName/],
  [{ mail: '' }, 'request.malformed', /^mail/],
  [{ mail: 'alice' }, 'request.malformed', /^mail/],
  [{ mail: '@example.org' }, 'request.malformed', /^mail/],
  [{ mail: 'alice@' }, 'request.malformed', /^mail/],
  [{ mail: 'alice@example..org' }, 'request.malformed', /^mail/],
  [{ mail: '.alice@example.org' }, 'request.malformed', /^mail/],
  [{ mail: 'a@b@example.org' }, 'request.malformed', /^mail/],
  [{ mail: 'alice@-example.org' }, 'request.malformed', /^mail/],
  [{ mail: 'alice@[127.0.0.1]' }, 'request.malformed', /^mail/],
  [{ mail: 'alice@example.org>' }, 'request.malformed', /^mail/],
  [{ mail: 'alice@example.org\nx' }, 'request.malformed', /^mail/],
  [{ mail: `${'a'.repeat(65)}@example.org` }, 'request.malformed', /^mail/],
  [{ mail: `a@${'b.'.repeat(200)}c` }, 'limit.exceeded', /^mail/],
  [{ password: 'short12' }, 'request.malformed', /^password/],
  [{ password: '🔑🔑🔑🔑' }, 'request.malformed', /^password/],
  [{ password: 'long enough\u0000' }, 'request.malformed', /^password/],
  [{ password: 'x'.repeat(1025) }, 'limit.exceeded', /^password/],
  [{ role: 'root' }, 'request.malformed', /^role/],
]

for (const [change, code, property] of refused) {
  test(`refused: ${JSON.stringify(change).slice(0, 60)}`, () => {
    assert.throws(
      () => checkDraft({ ...good, ...change }),
      (thrown) => thrown instanceof Failure && thrown.code === code && property.test(thrown.detail),
    )
  })
}

test('a failure never repeats what was typed', () => {
  const typed = 'hunter2:hunter2'
  assert.throws(
    () => checkDraft({ ...good, name: typed }),
    (thrown) => thrown instanceof Failure && !thrown.message.includes('hunter2'),
  )
})

test('a change keeps what is given and drops what is undefined', () => {
  const loose: object = { mail: 'b@example.org', enabled: false, displayName: undefined }
  assert.deepEqual(checkChange(loose), { mail: 'b@example.org', enabled: false })
  assert.throws(() => checkChange({ mail: 'nobody' }), Failure)
  assert.throws(() => checkGroupName('\t'), Failure)
})

test('law: a draft is checked or refused with a code, whatever it holds', () => {
  const text = fc.string({ unit: 'binary', maxLength: 400 })
  fc.assert(
    fc.property(text, text, text, (name, mail, password) => {
      try {
        const draft = checkDraft({ name, mail, password })
        assert.ok(draft.mail.includes('@'))
      } catch (thrown) {
        assert.ok(thrown instanceof Failure)
      }
    }),
  )
})

test('law: folding twice is folding once, and case does not matter to letters of one case pair', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (name) => {
      assert.equal(foldName(foldName(name)), foldName(name))
    }),
  )
  assert.equal(foldName('ÄRGER@Example.ORG'), foldName('ärger@example.org'))
  assert.equal(foldName('ｏｌａｆ'), 'olaf')
  assert.notEqual(foldName('olaf'), foldName('olav'))
})
