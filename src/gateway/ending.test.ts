import assert from 'node:assert/strict'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, it } from 'node:test'
import type { Admission } from '../access/gate.ts'
import { systemClock } from '../base/clock.ts'
import { NodeCarried } from './node-carried.ts'
import { Ending, UnderWay, type Why } from './ending.ts'

/** Heeded as an admission is. */
const admissionOf = ({ signal }: AbortController): Pick<Admission, 'heed'> => ({
  heed(ear) {
    if (signal.aborted) ear.withdrawn()
    else signal.addEventListener('abort', () => ear.withdrawn())
  },
})

const begin = (withdrawn: AbortController, all = new UnderWay()) => {
  const req = new IncomingMessage(new Socket())
  const res = new ServerResponse(req)
  const heard: Why[] = []
  const ending = new Ending(admissionOf(withdrawn), new NodeCarried(req, res, systemClock), all)
  return { res, ending, heard, all }
}

describe('the end of a request', () => {
  it('is told once, by whatever comes first', () => {
    const withdrawn = new AbortController()
    const { res, ending, heard } = begin(withdrawn)
    ending.ring({ rung: (why) => void heard.push(why) })
    let fired = false
    ending.addEventListener('abort', { handleEvent: () => void (fired = true) })
    withdrawn.abort()
    ending.end('stopping')
    res.emit('close')
    assert.deepEqual(heard, ['withdrawn'])
    assert.ok(fired)
  })

  it('is told also to those who ask after it', () => {
    const withdrawn = new AbortController()
    withdrawn.abort()
    const { ending, heard } = begin(withdrawn)
    ending.ring({ rung: (why) => void heard.push(why) })
    assert.deepEqual(heard, ['withdrawn'])
    assert.ok(ending.aborted)
  })

  it('rings before the signal fires, and a client that goes away is an end too', () => {
    const { res, ending } = begin(new AbortController())
    const order: string[] = []
    const listener = (name: string) => ({ handleEvent: () => void order.push(name) })
    const [kept, taken] = [listener('signal'), listener('removed')]
    ending.addEventListener('abort', kept)
    ending.addEventListener('abort', taken)
    ending.removeEventListener('abort', taken)
    ending.ring({ rung: (why) => void order.push(why) })
    res.emit('close')
    assert.deepEqual(order, ['gone', 'signal'])
  })

  it('comes no more once the request is answered', () => {
    const withdrawn = new AbortController()
    const { ending, heard, all } = begin(withdrawn)
    ending.ring({ rung: (why) => void heard.push(why) })
    assert.equal(all.count, 1)
    ending.release()
    withdrawn.abort()
    assert.deepEqual(heard, [])
    assert.equal(all.count, 0)
  })

  it('comes to all when we stop, and at once to those that come in later', () => {
    const { ending, all } = begin(new AbortController())
    all.stop()
    assert.equal(ending.why, 'stopping')
    const late = begin(new AbortController(), all)
    late.ending.ring({ rung: (why) => void late.heard.push(why) })
    assert.deepEqual(late.heard, ['stopping'])
    assert.ok(late.ending.aborted)
    const withdrawn = new AbortController()
    withdrawn.abort()
    assert.equal(begin(withdrawn, all).ending.why, 'withdrawn')
  })
})
