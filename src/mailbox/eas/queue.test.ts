import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createQueue } from './queue.ts'

describe('queue', () => {
  test('work of one key runs in order, of others at once', async () => {
    const queue = createQueue()
    const log: string[] = []
    const work = (key: string, name: string, turns: number) =>
      queue.run(key, async () => {
        log.push(`${name} begins`)
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        log.push(`${name} ends`)
        return name
      })
    const all = [work('a', 'first', 20), work('a', 'second', 1), work('b', 'other', 1)]
    assert.deepEqual(await Promise.all(all), ['first', 'second', 'other'])
    assert.deepEqual(
      log.filter((line) => !line.startsWith('other')),
      ['first begins', 'first ends', 'second begins', 'second ends'],
    )
    assert.ok(log.indexOf('other ends') < log.indexOf('first ends'))
  })

  test('a throw stops neither the next nor the one after', async () => {
    const queue = createQueue()
    const broken = queue.run('a', () => Promise.reject(new Error('no')))
    const next = queue.run('a', async () => 'yes')
    await assert.rejects(broken, /no/)
    assert.equal(await next, 'yes')
    assert.equal(await queue.run('a', async () => 'again'), 'again')
  })
})
