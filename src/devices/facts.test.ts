import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { limits } from '../base/limits.ts'
import {
  boundFacts,
  cleanText,
  easFacts,
  type Fact,
  type FactName,
  type Facts,
  factNames,
  mergeFacts,
  sameFacts,
  type Trust,
} from './facts.ts'

const trusts = ['claimed', 'managed', 'attested'] as const
const strength = (trust: Trust) => trusts.indexOf(trust)
const flagNames = ['passwordRequired', 'storageEncrypted', 'jailbroken'] as const

const anyFact = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Fact<T>> =>
  fc.record({
    value,
    trust: fc.constantFrom(...trusts),
    source: fc.constantFrom('eas', 'report'),
    at: fc.integer({ min: 0, max: 5 }),
  })

const anyFacts: fc.Arbitrary<Facts> = fc.record(
  {
    osVersion: anyFact(fc.constantFrom('17.0', '18.0', '18.1')),
    ...Object.fromEntries(flagNames.map((name) => [name, anyFact(fc.boolean())])),
  },
  { requiredKeys: [] },
)

const rankOf = (facts: Facts, name: FactName) => {
  const fact = facts[name]
  return fact && strength(fact.trust) * 1000 + fact.at
}

describe('merging', () => {
  test('law: the same news again changes nothing', () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, (known, news) => {
        const once = mergeFacts(known, news)
        assert.deepEqual(mergeFacts(once, news), once)
        assert.deepEqual(mergeFacts(once, {}), once)
        assert.deepEqual(mergeFacts({}, once), once)
      }),
    )
  })

  test('law: lower trust never replaces higher, nor older what is newer of the same trust', () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, (known, news) => {
        const merged = mergeFacts(known, news)
        for (const name of factNames) {
          const before = rankOf(known, name)
          if (before !== undefined) assert.ok((rankOf(merged, name) ?? -1) >= before)
          assert.ok(merged[name] === known[name] || merged[name] === news[name])
        }
      }),
    )
  })

  test('law: any grouping is equal, and any order where trust or time differ', () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, anyFacts, (a, b, c) => {
        assert.deepEqual(mergeFacts(mergeFacts(a, b), c), mergeFacts(a, mergeFacts(b, c)))
        const tied = factNames.some((name) => a[name] && rankOf(a, name) === rankOf(b, name))
        if (!tied) assert.deepEqual(mergeFacts(a, b), mergeFacts(b, a))
      }),
    )
  })

  test('of two told at the same moment, the one merged later stays', () => {
    const at = 5
    const first: Facts = { osVersion: { value: '18.1', trust: 'claimed', source: 'eas', at } }
    const second: Facts = { osVersion: { value: '17.0', trust: 'claimed', source: 'eas', at } }
    assert.deepEqual(mergeFacts(first, second), second)
  })

  test('a foreign key is not taken over', () => {
    const text = '{"__proto__":{"value":true,"trust":"attested","source":"x","at":1},"polluted":1}'
    const merged = mergeFacts({}, JSON.parse(text))
    assert.deepEqual(Object.keys(merged), [])
    assert.equal(Object.getPrototypeOf(merged), Object.prototype)
  })
})

describe('bounds', () => {
  const fact = (value: unknown, more: object = {}) => ({
    value,
    trust: 'managed',
    source: 'report',
    at: 10,
    ...more,
  })
  const bound = (facts: object, ceiling?: Trust) => boundFacts(facts, 20, ceiling)

  test('a wrong type, an unknown name and an unknown trust are dropped', () => {
    const facts = {
      jailbroken: fact('false'),
      osVersion: fact(18.1),
      platform: fact('toaster'),
      storageEncrypted: fact(true, { trust: 'certain' }),
      passwordRequired: fact(true, { trust: '__proto__' }),
      colour: fact('red'),
      model: fact(' \u0000 '),
      imei: fact('35 207900 1'),
    }
    assert.deepEqual(bound(facts), { imei: fact('35 207900 1') })
  })

  test('a moment to come is now, and a broken one too', () => {
    assert.equal(bound({ model: fact('x', { at: 9e15 }) }).model?.at, 20)
    assert.equal(bound({ model: fact('x', { at: Number.NaN }) }).model?.at, 20)
    assert.equal(bound({ model: fact('x', { at: 3 }) }).model?.at, 3)
  })

  test('trust is cut to what the channel can vouch for', () => {
    const facts = { jailbroken: fact(false, { trust: 'attested' }), model: fact('x') }
    assert.equal(bound(facts, 'claimed').jailbroken?.trust, 'claimed')
    assert.equal(bound(facts, 'managed').jailbroken?.trust, 'managed')
    assert.equal(bound(facts, 'attested').model?.trust, 'managed')
  })

  test('law: what is bounded stays as it is, and no text is long or invisible', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const clean = cleanText(text)
        assert.ok(clean.length <= limits.factChars.value)
        assert.doesNotMatch(clean, /[\p{C}\p{Zl}\p{Zp}]/u)
        assert.equal(cleanText(clean), clean)
        const bounded = bound({ friendlyName: fact(text) })
        assert.deepEqual(boundFacts(bounded, 20), bounded)
      }),
    )
    assert.equal(cleanText('😀'.repeat(1000)).length, limits.factChars.value)
    assert.equal(cleanText(`a${'😀'.repeat(1000)}`).length, limits.factChars.value - 1)
    assert.equal(cleanText('name\r\nBcc: x\u202egpj.exe'), 'name  Bcc: x gpj.exe')
  })
})

test('facts are the same when value and trust are, whenever they were told', () => {
  const one: Facts = { model: { value: 'iPhone15C4', trust: 'claimed', source: 'eas', at: 1 } }
  const later: Facts = { model: { value: 'iPhone15C4', trust: 'claimed', source: 'x', at: 2 } }
  const firmer: Facts = { model: { value: 'iPhone15C4', trust: 'managed', source: 'x', at: 2 } }
  assert.equal(sameFacts(one, later), true)
  assert.equal(sameFacts(one, firmer), false)
  assert.equal(sameFacts(one, {}), false)
})

describe('facts of EAS', () => {
  test('all that is told becomes claimed facts', () => {
    const eas = { deviceType: 'iPhone', userAgent: 'Apple-iPhone15C4/2401.539000006' }
    const told = easFacts(
      {
        model: 'iPhone15C4',
        imei: '352079001234567',
        friendlyName: "Alice's iPhone",
        os: 'iOS 18.1 22B83',
        osLanguage: 'en-GB',
        phoneNumber: '+441632960000',
        mobileOperator: 'Example',
      },
      eas,
      7,
    )
    const values = Object.entries(told).map(([name, { value }]) => [name, value])
    assert.deepEqual(Object.fromEntries(values), {
      platform: 'iOS',
      osVersion: '18.1',
      operatingSystem: 'iOS 18.1 22B83',
      model: 'iPhone15C4',
      friendlyName: "Alice's iPhone",
      imei: '352079001234567',
      phoneNumber: '+441632960000',
      mobileOperator: 'Example',
      language: 'en-GB',
    })
    for (const { trust, source, at } of Object.values(told))
      assert.deepEqual({ trust, source, at }, { trust: 'claimed', source: 'eas', at: 7 })
  })

  test('the first request tells the platform, and an unknown one tells nothing', () => {
    const facts = easFacts({}, { deviceType: 'SAMSUNGSGHI317M', userAgent: '' }, 7)
    assert.deepEqual(Object.keys(facts), ['platform'])
    assert.deepEqual(easFacts({}, { deviceType: 'TbSync', userAgent: 'x' }, 7), {})
  })
})
