import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { limits } from '../../base/limits.ts'
import { Provision, Settings } from '../wbxml/tokens.ts'
import { childrenOf, type Element, element, find, readWbxml, textOf } from '../wbxml/wbxml.ts'
import { readDeviceInformation } from './device-information.ts'
import { policyTypeOf, readProvision, writeProvision } from './provision.ts'
import {
  type PolicySettings,
  policyFingerprint,
  provisionDoc,
  wapProvisioningDoc,
} from './provision-doc.ts'
import { easVersions } from './version.ts'

const wbxmlType = 'MS-EAS-Provisioning-WBXML'
const policy = (...content: readonly Element[]) =>
  element(
    Provision.Policies,
    element(Provision.Policy, element(Provision.PolicyType, wbxmlType), ...content),
  )
const information = (...content: readonly Element[]) =>
  element(Settings.DeviceInformation, element(Settings.Set, ...content))
const acknowledged = (status: string, key = '77') =>
  element(
    Provision.Provision,
    policy(element(Provision.PolicyKey, key), element(Provision.Status, status)),
  )
const wiped = (tag: number, status?: string) =>
  element(
    Provision.Provision,
    element(tag, status !== undefined && element(Provision.Status, status)),
  )

describe('requests', () => {
  test('no body, or an empty one, asks what to do', () => {
    assert.deepEqual(readProvision(undefined), { phase: 'empty' })
    assert.deepEqual(readProvision(element(Provision.Provision)), { phase: 'empty' })
  })

  test('the initial request, with and without DeviceInformation', () => {
    const told = information(
      element(Settings.Model, 'iPhone15C4'),
      element(Settings.OS, 'iOS 27.0 24A1'),
    )
    assert.deepEqual(readProvision(element(Provision.Provision, told, policy())), {
      phase: 'initial',
      policyType: wbxmlType,
      deviceInformation: { model: 'iPhone15C4', os: 'iOS 27.0 24A1' },
    })
    assert.deepEqual(readProvision(element(Provision.Provision, policy())), {
      phase: 'initial',
      policyType: wbxmlType,
      deviceInformation: undefined,
    })
    assert.deepEqual(readProvision(element(Provision.Provision, told)), {
      phase: 'information',
      deviceInformation: { model: 'iPhone15C4', os: 'iOS 27.0 24A1' },
    })
  })

  test('the acknowledgement, with each status', () => {
    for (const status of [1, 2, 3, 4] as const)
      assert.deepEqual(readProvision(acknowledged(String(status))), {
        phase: 'acknowledgement',
        policyType: wbxmlType,
        policyKey: 77,
        status,
        deviceInformation: undefined,
      })
  })

  test('an acknowledged key that is no uint32 is the wrong key', () => {
    for (const key of ['', 'x', '-1', '4294967296']) {
      const request = readProvision(acknowledged('1', key))
      assert.ok(request.phase === 'acknowledgement')
      assert.equal(request.policyKey, 0)
    }
  })

  test('the report of a wipe, also beside a policy; only 1 is success', () => {
    const done = (root: Element) => readProvision(root)
    assert.deepEqual(done(wiped(Provision.RemoteWipe, '1')), {
      phase: 'wipe',
      scope: 'device',
      done: true,
    })
    for (const status of ['2', '', 'x', undefined])
      assert.deepEqual(done(wiped(Provision.RemoteWipe, status)), {
        phase: 'wipe',
        scope: 'device',
        done: false,
      })
    assert.deepEqual(done(wiped(Provision.AccountOnlyRemoteWipe, '1')), {
      phase: 'wipe',
      scope: 'account',
      done: true,
    })
    const both = element(
      Provision.Provision,
      policy(),
      element(Provision.RemoteWipe, element(Provision.Status, '1')),
    )
    assert.equal(done(both).phase, 'wipe')
  })

  test('what is of no phase is refused', () => {
    const broken: readonly Element[] = [
      element(Settings.Settings),
      element(Provision.Provision, element(Provision.Policies)),
      element(Provision.Provision, element(Provision.Policies, element(Provision.Policy))),
      element(
        Provision.Provision,
        element(
          Provision.Policies,
          element(Provision.Policy, element(Provision.PolicyType, wbxmlType)),
          element(Provision.Policy, element(Provision.PolicyType, wbxmlType)),
        ),
      ),
      acknowledged('5'),
      acknowledged(''),
      element(Provision.Provision, policy(element(Provision.PolicyKey, '77'))),
    ]
    for (const root of broken)
      assert.throws(() => readProvision(root), { code: 'request.malformed' })
  })
})

describe('DeviceInformation', () => {
  const all = information(
    element(Settings.Model, 'M'),
    element(Settings.IMEI, '490154203237518'),
    element(Settings.FriendlyName, 'Käthes Phone'),
    element(Settings.OS, 'Android 16'),
    element(Settings.OSLanguage, 'de'),
    element(Settings.PhoneNumber, '+49 1'),
    element(Settings.UserAgent, 'A/1'),
    element(Settings.MobileOperator, 'Op'),
    element(Settings.EnableOutboundSMS, '0'),
  )
  const expected = {
    model: 'M',
    imei: '490154203237518',
    friendlyName: 'Käthes Phone',
    os: 'Android 16',
    osLanguage: 'de',
    phoneNumber: '+49 1',
    userAgent: 'A/1',
    mobileOperator: 'Op',
  }

  test('is read inside Settings and inside Provision, and nowhere else', () => {
    assert.deepEqual(readDeviceInformation(element(Settings.Settings, all)), expected)
    assert.deepEqual(readDeviceInformation(element(Provision.Provision, all)), expected)
    assert.equal(readDeviceInformation(element(Provision.Policies, all)), undefined)
    assert.equal(readDeviceInformation(element(Settings.Settings)), undefined)
  })

  test('comes clean and bounded', () => {
    const model = `\u0001a\nb\u202ec\u0000${'x'.repeat(limits.factChars.value - 7)}🙂🙂`
    const set = information(
      element(Settings.Model, model),
      element(Settings.OS, ' \n '),
      element(Settings.IMEI),
    )
    const told = readDeviceInformation(element(Settings.Settings, set))
    assert.deepEqual(Object.keys(told ?? {}), ['model'])
    assert.match(told?.model ?? '', /^a b c x+/)
    assert.ok((told?.model ?? '').length <= limits.factChars.value)
    assert.ok(told?.model?.isWellFormed())
  })
})

describe('answers', () => {
  const settings: PolicySettings = {
    devicePasswordEnabled: true,
    minDevicePasswordLength: 6,
    allowCamera: false,
  }

  test('the policy: DeviceInformation, Status, Policies, in this order', () => {
    const root = readWbxml(
      writeProvision(
        {
          kind: 'policy',
          policyType: wbxmlType,
          policyKey: 4294967295,
          settings,
          deviceInformation: true,
        },
        '14.1',
      ),
    )
    assert.deepEqual(
      childrenOf(root).map((child) => child.tag),
      [Settings.DeviceInformation, Provision.Status, Provision.Policies],
    )
    const one = find(root, Provision.Policies, Provision.Policy)
    assert.ok(one)
    assert.deepEqual(
      childrenOf(one).map((child) => child.tag),
      [Provision.PolicyType, Provision.Status, Provision.PolicyKey, Provision.Data],
    )
    assert.equal(textOf(one, Provision.PolicyKey), '4294967295')
    const document = find(one, Provision.Data, Provision.EASProvisionDoc)
    assert.deepEqual(document, provisionDoc(settings, '14.1'))
    assert.equal(textOf(root, Settings.DeviceInformation, Settings.Status), '1')
  })

  test('2.5 is given text', () => {
    const policyType = policyTypeOf('2.5')
    assert.equal(policyType, 'MS-WAP-Provisioning-XML')
    const root = readWbxml(
      writeProvision(
        { kind: 'policy', policyType, policyKey: 1, settings, deviceInformation: false },
        '2.5',
      ),
    )
    const text = textOf(root, Provision.Policies, Provision.Policy, Provision.Data)
    assert.equal(text, wapProvisioningDoc(settings))
  })

  const small: readonly (readonly [
    name: string,
    answer: Parameters<typeof writeProvision>[0],
    expected: Element,
  ])[] = [
    [
      'the final key',
      { kind: 'acknowledged', policyType: wbxmlType, policyKey: 9 },
      element(
        Provision.Provision,
        element(Provision.Status, 1),
        policy(element(Provision.Status, 1), element(Provision.PolicyKey, 9)),
      ),
    ],
    [
      'a wrong temporary key',
      { kind: 'policyStatus', policyType: wbxmlType, policyStatus: 5 },
      element(
        Provision.Provision,
        element(Provision.Status, 1),
        policy(element(Provision.Status, 5)),
      ),
    ],
    [
      'a refusal',
      { kind: 'refused', status: 139 },
      element(Provision.Provision, element(Provision.Status, 139)),
    ],
    [
      'a wipe',
      { kind: 'wipe', scope: 'device' },
      element(Provision.Provision, element(Provision.Status, 1), element(Provision.RemoteWipe)),
    ],
    [
      'a wipe that failed, ordered again',
      { kind: 'wipe', scope: 'device', again: true },
      element(Provision.Provision, element(Provision.Status, 2), element(Provision.RemoteWipe)),
    ],
    [
      'an account-only wipe',
      { kind: 'wipe', scope: 'account' },
      element(
        Provision.Provision,
        element(Provision.Status, 1),
        element(Provision.AccountOnlyRemoteWipe),
      ),
    ],
    [
      'a wipe that is over',
      { kind: 'wiped' },
      element(Provision.Provision, element(Provision.Status, 1)),
    ],
    [
      'DeviceInformation alone',
      { kind: 'information' },
      element(
        Provision.Provision,
        element(Settings.DeviceInformation, element(Settings.Status, 1)),
        element(Provision.Status, 1),
      ),
    ],
  ]
  for (const [name, answer, expected] of small)
    test(name, () => assert.deepEqual(readWbxml(writeProvision(answer, '16.1')), expected))
})

describe('the policy document', () => {
  test('12.0 knows eleven settings, later versions all of them; an absent one is empty or its default', () => {
    const tags = (version: (typeof easVersions)[number]) =>
      childrenOf(provisionDoc({}, version)).map((child) => child.tag)
    assert.equal(tags('12.0').length, 11)
    assert.equal(tags('12.1').length, 37)
    assert.deepEqual(tags('16.1'), tags('12.1'))
    const document = provisionDoc({}, '14.1')
    assert.equal(textOf(document, Provision.DevicePasswordEnabled), '0')
    assert.equal(textOf(document, Provision.MaxAttachmentSize), '')
    assert.equal(textOf(document, Provision.AllowBluetooth), '2')
  })

  test('the settings arrive as numbers', () => {
    const document = provisionDoc(
      {
        devicePasswordEnabled: true,
        allowCamera: false,
        maxInactivityTimeDeviceLock: 300,
        allowBluetooth: 1,
      },
      '14.1',
    )
    assert.equal(textOf(document, Provision.DevicePasswordEnabled), '1')
    assert.equal(textOf(document, Provision.AllowCamera), '0')
    assert.equal(textOf(document, Provision.MaxInactivityTimeDeviceLock), '300')
    assert.equal(textOf(document, Provision.AllowBluetooth), '1')
  })

  test('a setting that a version cannot carry does not change its fingerprint', () => {
    const before = { minDevicePasswordLength: 4 }
    const after = { ...before, allowCamera: false }
    assert.deepEqual(policyFingerprint(before, '12.0'), policyFingerprint(after, '12.0'))
    assert.deepEqual(policyFingerprint(before, '2.5'), policyFingerprint(after, '2.5'))
    assert.notDeepEqual(policyFingerprint(before, '12.1'), policyFingerprint(after, '12.1'))
    for (const version of easVersions)
      assert.notDeepEqual(
        policyFingerprint({ minDevicePasswordLength: 4 }, version),
        policyFingerprint({ minDevicePasswordLength: 5 }, version),
      )
  })

  test('the text for 2.5: password, idle time, wrong tries, length, complexity', () => {
    const text = wapProvisioningDoc({
      devicePasswordEnabled: true,
      maxInactivityTimeDeviceLock: 301,
      maxDevicePasswordFailedAttempts: 8,
      minDevicePasswordLength: 6,
      alphanumericDevicePasswordRequired: true,
    })
    const value = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1]
    assert.equal(value('4131'), '0')
    assert.equal(value('AEFrequencyType'), '1')
    assert.equal(value('AEFrequencyValue'), '6')
    assert.equal(value('DeviceWipeThreshold'), '8')
    assert.equal(value('MinimumPasswordLength'), '6')
    assert.equal(value('PasswordComplexity'), '0')
    assert.match(wapProvisioningDoc({}), /name="4131" value="1".*name="AEFrequencyType" value="0"/)
  })
})
