import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../base/failures.ts'
import { createQueue } from './queue.ts'

test('lets in one at a time, in order of arrival', async () => {
  const queue = createQueue(() => {})
  const said: string[] = []
  let within = 0
  const visit = async (name: string) => {
    const leave = await queue.enter()
    within += 1
    assert.equal(within, 1)
    said.push(name)
    await Promise.resolve()
    within -= 1
    leave()
    leave()
  }
  await Promise.all(['a', 'b', 'c', 'd'].map(visit))
  await visit('e')
  assert.deepEqual(said, ['a', 'b', 'c', 'd', 'e'])
})

test('asks before anyone waits, and not where nobody has to', async () => {
  const queue = createQueue(() => {
    throw new Error('would wait for itself')
  })
  const leave = await queue.enter()
  await assert.rejects(queue.enter(), /would wait for itself/)
  leave()
  const again = await queue.enter()
  again()
})

test('closes after those who wait, and turns away whoever comes later', async () => {
  const queue = createQueue(() => {})
  const said: string[] = []
  const leave = await queue.enter()
  const wait = async () => {
    const leaveToo = await queue.enter()
    said.push('waiting')
    leaveToo()
  }
  const waiting = wait()
  const closed = queue.close(() => said.push('last'))
  const refused = assert.rejects(queue.enter(), (thrown) => {
    return thrown instanceof Failure && thrown.code === 'store.unavailable'
  })
  leave()
  await Promise.all([waiting, closed, refused])
  await queue.close(() => said.push('twice'))
  assert.deepEqual(said, ['waiting', 'last'])
})
