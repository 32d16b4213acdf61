import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type PlatformSigns, recognisePlatform } from './platform.ts'
import { effortOf } from '../../test/effort.ts'

type Case = readonly [
  deviceType: string,
  userAgent: string,
  os: string,
  platform: string,
  osVersion?: string,
]

const cases: readonly Case[] = [
  ['iPhone', 'Apple-iPhone15C4/2401.539000006', 'iOS 18.1 22B83', 'iOS', '18.1'],
  ['iPhone', 'Apple-iPhone15C4/2401.539000006', '', 'iOS'],
  ['iPhone', 'Apple-iPhone4C1/1002.142', 'iOS 6.1 10B142', 'iOS', '6.1'],
  ['iPad', 'Apple-iPad13C1/2107.80', 'iPadOS 17.6.1 21G93', 'iOS', '17.6.1'],
  ['iPod', 'Apple-iPod5C1/1401.403', 'iPhone OS 3.1.3 7E18', 'iOS', '3.1.3'],
  ['iphone', '', '', 'iOS'],
  ['', 'Apple-iPhone15C4/2401.539000006', '', 'iOS'],
  ['Android', 'Android-Mail/2020.11.29.346182102.Release', 'Android 14', 'android', '14'],
  ['Android', 'Android-Mail/2020.11.29.346182102.Release', '', 'android'],
  ['Android', 'Android/4.3.3-EAS-1.3', '', 'android', '4.3.3'],
  ['Android', 'Android/4.3.3-EAS-1.3', 'Android 4.4', 'android', '4.4'],
  ['Android', 'x', '8.1.0', 'android', '8.1.0'],
  ['Android', '', 'Android', 'android'],
  ['Android', '', 'Android 14x', 'android'],
  ['SAMSUNGSGHI317M', 'SAMSUNG-SGH-I317M/100.40102', '', 'android'],
  ['SAMSUNGSMG991B', 'Android-SAMSUNG-SM-G991B/101.130000', 'Android 13', 'android', '13'],
  ['Nine', 'Nine/4.9', 'Android 12', 'android', '12'],
  ['Outlook', 'Outlook-iOS-Android/1.0', '', 'unknown'],
  ['Outlook', 'Outlook-iOS-Android/1.0', 'iOS 17.5.1', 'iOS', '17.5.1'],
  ['WindowsOutlook', 'Outlook/16.0 (16.0.17328.20670; C2R; x64)', '', 'windows'],
  ['WindowsOutlook15', 'Outlook/15.0', '', 'windows'],
  ['WindowsMail', 'MSFT-WIN-4/10.0.22631', '', 'windows'],
  ['UniversalOutlook', '', 'Windows 10.0.22631.4460', 'windows', '10.0.22631.4460'],
  ['x', 'MSFT-WIN-3/6.2.9200', '', 'windows'],
  ['x', '', 'Windows NT 10.0', 'windows', '10.0'],
  ['x', '', 'Windows 10.0.1.2.3', 'windows'],
  ['WP8', 'MSFT-WP/8.10.14219', 'Windows Phone 8.10.14219', 'windowsPhone', '8.10.14219'],
  ['WindowsPhone', '', '', 'windowsPhone'],
  ['PocketPC', 'MSFT-PPC/5.2.20757', 'Windows CE 5.2.20757', 'windowsPhone', '5.2.20757'],
  ['MacOS', '', 'macOS 14.5', 'macOS', '14.5'],
  ['Mac', '', 'Mac OS X 10.15.7', 'macOS', '10.15.7'],
  ['MacOS', '', '', 'macOS'],
  ['x', '', 'Linux 6.1', 'linux'],
  ['x', '', 'GNU/Linux', 'unknown'],
  ['SmartPhone', 'x', '', 'unknown'],
  ['TbSync', 'Thunderbird ActiveSync', '', 'unknown'],
  ['', '', '', 'unknown'],
  ['x', '', 'iOSx 18', 'unknown'],
  ['x', '', '18.1', 'unknown'],
  ['iPhone', '', 'iOS 99999999999999999999.1', 'iOS'],
]

for (const [deviceType, userAgent, os, platform, osVersion] of cases) {
  test(`${deviceType} | ${userAgent} | ${os} -> ${platform} ${osVersion ?? ''}`, () => {
    const expected = osVersion === undefined ? { platform } : { platform, osVersion }
    assert.deepEqual(recognisePlatform({ deviceType, userAgent, os }), expected)
  })
}

test('a model helps where nothing else does', () => {
  const signs = { deviceType: 'x', userAgent: '' }
  assert.equal(recognisePlatform({ ...signs, model: 'iPhone15C4' }).platform, 'iOS')
  assert.equal(recognisePlatform({ ...signs, model: 'Computer' }).platform, 'unknown')
})

test('law: any signs give an answer, quickly, and a version is one to four numbers', async () => {
  const text = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.stringMatching(/^(iOS|Android|Windows|Mac OS X|iPhone OS) ?[\d. ]{0,200}$/),
  )
  const signs: fc.Arbitrary<PlatformSigns> = fc.record({
    deviceType: text,
    userAgent: text,
    model: text,
    os: text,
  })
  const numRuns = 2000
  const each = fc.property(signs, (one) => {
    const { osVersion } = recognisePlatform(one)
    if (osVersion !== undefined) assert.match(osVersion, /^\d+(\.\d+){0,3}$/)
  })
  const effort = await effortOf(() => fc.assert(each, { numRuns }))
  assert.ok(effort < numRuns, `${effort} ms`)
})
