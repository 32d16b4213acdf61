import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { compareVersions, readBuild, readDay, readVersion, type Version } from './version.ts'

const must = (version: Version | undefined) => version ?? assert.fail('no version')

/** That these stand in rising order. */
function rises(texts: readonly string[], read: (text: string) => Version | undefined): void {
  const versions = texts.map((text) => must(read(text)))
  for (let at = 1; at < versions.length; at++)
    assert.ok(
      compareVersions(versions[at - 1] ?? [], versions[at] ?? []) < 0,
      `${texts[at - 1]} < ${texts[at]}`,
    )
}

describe('F06 versions', () => {
  it('of Windows rise build by build, and 6.3 stands before 8.1', () => {
    rises(['6.3', '8.1', '10.0.10586', '10.0.17134', '10.0.22631.4249', '10.0.22631.10000'], (v) =>
      readVersion(v, 'windows'),
    )
  })

  it("Apple's supplemental versions come after theirs and before the next", () => {
    rises(['13.3', '13.3.1', '13.3.1 (a)', '13.3.1 (c)', '13.3.2', '14'], (v) =>
      readVersion(v, 'macOS'),
    )
    assert.equal(readVersion('13.3.1 (a)', 'android'), undefined)
    assert.equal(readVersion('13.3.1 (A)', 'iOS'), undefined)
  })

  it("Apple's builds rise", () => {
    rises(
      ['20E246', '20F66', '21E236', '21F79', '21F79a', '21F90', '22A3354', '22E772610a'],
      readBuild,
    )
    for (const text of ['21f79', '21F', 'F79', '21F79ab', '17.4', '', '21F79 '])
      assert.equal(readBuild(text), undefined, text)
  })

  it('patch levels are days that exist', () => {
    rises(['2016-04-01', '2016-05-01', '2016-05-05', '2024-02-29', '2025-01-01'], readDay)
    for (const text of [
      '2016-00-01',
      '2016-01-32',
      '2023-02-29',
      '1900-02-29',
      '2016-1-1',
      '0000-01-01',
    ])
      assert.equal(readDay(text), undefined, text)
  })

  it('law: any text gives a version or none, and reading it again gives the same', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('iOS', 'linux', 'windows'), (text, platform) => {
        const version = readVersion(text, platform)
        assert.deepEqual(readVersion(text, platform), version)
        for (const part of version ?? []) assert.ok(Number.isSafeInteger(part) && part >= 0)
      }),
    )
  })

  it('law: comparing is an order', () => {
    const anyVersion = fc.array(fc.nat(12), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(anyVersion, anyVersion, anyVersion, (a, b, c) => {
        assert.ok(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a)) === 0)
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          assert.ok(compareVersions(a, c) <= 0)
      }),
    )
  })
})
