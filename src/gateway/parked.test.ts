import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Failure } from '../base/failures.ts'
import type { Awaiting, EasAnswer } from '../mailbox/mailbox.ts'
import { readEasRequest } from '../wire/eas/request.ts'
import { Ending, UnderWay } from './ending.ts'
import { park } from './parked.ts'
import { goodbye } from './refusals.ts'

const request = readEasRequest({
  query: 'Cmd=Ping&User=a&DeviceId=parked1&DeviceType=Pretend',
  protocolVersion: '14.1',
  policyKey: undefined,
  acceptMultiPart: undefined,
})
const news: EasAnswer = { status: 200, body: new Uint8Array([3]) }

function setUp(all = new UnderWay()) {
  const seen = { answers: [] as EasAnswer[], released: 0, faults: 0 }
  const ending = new Ending({ heed: () => {} }, { watch: () => {} }, all)
  let awaiting: Awaiting | undefined
  const rest = {
    carried: { reply: (answer: EasAnswer) => void seen.answers.push(answer) },
    request,
    partnership: 'prt_1' as const,
    admission: { release: () => void (seen.released += 1) },
    ending,
  }
  const door = {
    gate: { fault: async () => void (seen.faults += 1) },
    failed: (): EasAnswer => ({ status: 500 }),
  }
  park(rest, { tell: (to) => void (awaiting = to) }, door)
  assert.ok(awaiting)
  return { all, seen, ending, awaiting }
}

describe('a parked request', () => {
  it('is answered once and lets go of everything', () => {
    const { all, seen, ending, awaiting } = setUp()
    assert.equal(all.count, 1)
    awaiting.answered(news)
    ending.end('withdrawn')
    ending.end('stopping')
    awaiting.answered({ status: 503 })
    assert.deepEqual(seen.answers, [news])
    assert.equal(seen.released, 1)
    assert.equal(all.count, 0)
  })

  it('is answered as if nothing had happened when we stop, and whoever held it hears of the end too', () => {
    const { all, seen, ending, awaiting } = setUp()
    let heard = 0
    ending.addEventListener('abort', { handleEvent: () => void (heard += 1) })
    all.stop()
    awaiting.answered(news)
    assert.deepEqual(seen.answers, [goodbye(request, 'stopping')])
    assert.equal(heard, 1)
  })

  it('that is parked while we stop is answered at once', () => {
    const all = new UnderWay()
    all.stop()
    assert.deepEqual(setUp(all).seen.answers, [goodbye(request, 'stopping')])
  })

  it('that fails is refused, and the gate hears of a fault of ours only', () => {
    const ours = setUp()
    ours.awaiting.failed(new Error('planted'))
    assert.deepEqual(ours.seen.answers, [{ status: 500 }])
    assert.equal(ours.seen.faults, 1)
    const theirs = setUp()
    theirs.awaiting.failed(new Failure('request.malformed', 'planted'))
    assert.equal(theirs.seen.faults, 0)
  })
})
