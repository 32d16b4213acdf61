import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { createPasswordHashes } from './passwords.ts'

test('a password fits its own hash only, and no hash fits nothing', async () => {
  const passwords = createPasswordHashes()
  const hash = await passwords.hash('correct horse')
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  assert.notEqual(hash, await passwords.hash('correct horse'))
  assert.equal(await passwords.verify(hash, 'correct horse'), true)
  assert.equal(await passwords.verify(hash, 'correct house'), false)
  assert.equal(await passwords.verify(hash, ''), false)
  // What the stand-in for nobody was made from must not let anybody in.
  assert.equal(await passwords.verify(undefined, 'nobody'), false)
})

test('an unknown name takes as long as a wrong password', async () => {
  const passwords = createPasswordHashes()
  const hash = await passwords.hash('correct horse')
  await passwords.verify(undefined, 'warm')
  const measure = async (known: string | undefined) => {
    const start = performance.now()
    await passwords.verify(known, 'wrong')
    return performance.now() - start
  }
  const known: number[] = []
  const unknown: number[] = []
  for (let round = 0; round < 9; round++) {
    known.push(await measure(hash))
    unknown.push(await measure(undefined))
  }
  const middle = (times: number[]) => times.sort((a, b) => a - b)[4] ?? 0
  const ratio = middle(unknown) / middle(known)
  assert.ok(ratio > 0.5 && ratio < 2, `ratio ${ratio}`)
})

test('a flood is refused beyond the queue, and whoever waits is served', async () => {
  const passwords = createPasswordHashes()
  const hash = await passwords.hash('correct horse')
  const room = limits.passwordHashesAtOnce.value + limits.passwordHashesWaiting.value
  const answers = await Promise.allSettled(
    Array.from({ length: room + 20 }, (_, n) =>
      passwords.verify(hash, n === room - 1 ? 'correct horse' : 'wrong'),
    ),
  )
  const refused = answers.filter((answer) => answer.status === 'rejected')
  assert.equal(refused.length, 20)
  for (const { reason } of refused)
    assert.ok(reason instanceof Failure && reason.code === 'credentials.throttled')
  assert.deepEqual(answers[room - 1], { status: 'fulfilled', value: true })
  assert.equal(await passwords.verify(hash, 'correct horse'), true, 'serves again after the flood')
})

test('a broken hash fails loudly and gives its turn back', async () => {
  const passwords = createPasswordHashes()
  for (let round = 0; round < limits.passwordHashesAtOnce.value + 1; round++)
    await assert.rejects(passwords.verify('$argon2id$garbage', 'x'))
  assert.equal(await passwords.verify(undefined, 'x'), false)
})
