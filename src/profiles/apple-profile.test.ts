import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readPlist } from '../../test/fake/plist.ts'
import { Failure } from '../base/failures.ts'
import type { Plist } from '../wire/plist/plist.ts'
import { appleProfile } from './apple-profile.ts'
import type { EmailProfile } from './email-profile.ts'
import { readProfile } from './graph-json.ts'

// This also holds src/profiles/apple-mail.ts and src/profiles/apple-certificate.ts.

type Dict = Readonly<Record<string, Plist>>

const nobody = () => assert.fail('no group is named here')
const alice = { name: 'alice@corp.example.org', mail: 'Alice.A@example.org' }
const scep = (displayName: string, more: object = {}) => ({
  '@odata.type': '#microsoft.graph.iosScepCertificateProfile',
  displayName,
  scepServerUrls: ['https://ca.example.org/scep'],
  ...more,
})

function profileOf(settings: object): EmailProfile {
  const draft = readProfile(
    {
      '@odata.type': '#microsoft.graph.iosEasEmailProfileConfiguration',
      displayName: 'Company mail',
      accountName: 'Contoso',
      hostName: 'mail.example.org',
      ...settings,
    },
    nobody,
  )
  const rest = { assignedTo: 'all' as const, excluded: [], createdAt: 0, modifiedAt: 0, version: 1 }
  return { ...draft, ...rest, id: 'cfg_1' }
}

function payloads(settings: object, place = 'dev_1', holder = alice) {
  const { content } = appleProfile(profileOf(settings), holder, place)
  const whole = readPlist(content) as Dict
  const parts = whole['PayloadContent'] as readonly Dict[]
  const account = parts.find((one) => one['PayloadType'] === 'com.apple.eas.account')
  assert.ok(account)
  return { whole, parts, account }
}

const undeliverable = (part: RegExp) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === 'profile.undeliverable' && part.test(thrown.detail)

const everySetting = {
  requireSsl: true,
  emailAddressSource: 'primarySmtpAddress',
  durationOfEmailToSync: 'twoWeeks',
  usernameSource: 'userPrincipalName',
  usernameAADSource: 'samAccountName',
  userDomainNameSource: 'netBiosDomainName',
  authenticationMethod: 'certificate',
  identityCertificate: scep('Sign in', {
    subjectNameFormatString: 'CN={{UserName}},E={{EmailAddress}},OU=a\\,b,2.5.4.5=7',
    subjectAlternativeNameType: 'userPrincipalName',
    keySize: 'size4096',
    keyUsage: 'digitalSignature',
  }),
  blockMovingMessagesToOtherEmailAccounts: true,
  blockSendingEmailFromThirdPartyApps: true,
  blockSyncingRecentlyUsedEmailAddresses: true,
  requireSmime: true,
  smimeSigningEnabled: true,
  smimeSigningUserOverrideEnabled: true,
  smimeSigningCertificateUserOverrideEnabled: true,
  signingCertificateType: 'certificate',
  smimeSigningCertificate: scep('Sign'),
  smimeEncryptByDefaultEnabled: true,
  smimeEncryptByDefaultUserOverrideEnabled: true,
  smimeEncryptionCertificateUserOverrideEnabled: true,
  smimeEnablePerMessageSwitch: true,
  encryptionCertificateType: 'certificate',
  smimeEncryptionCertificate: scep('Decrypt', { subjectAlternativeNameType: 'none' }),
  easServices: 'email, contacts',
  easServicesUserOverrideEnabled: false,
  useOAuth: true,
  perAppVPNProfileId: 'vpn-1',
}

test('F24: every field of a mail profile arrives in the payload', () => {
  const { whole, parts, account } = payloads(everySetting)
  assert.deepEqual(
    parts.map((one) => one['PayloadType']),
    [...Array.from({ length: 3 }, () => 'com.apple.security.scep'), 'com.apple.eas.account'],
  )
  const [identity, signing, encryption] = parts.map((one) => one['PayloadUUID'])
  const { PayloadUUID: _, ...keys } = account
  assert.deepEqual(keys, {
    PayloadType: 'com.apple.eas.account',
    PayloadVersion: 1,
    PayloadIdentifier: 'postern.mail.cfg_1.account',
    PayloadDisplayName: 'Contoso',
    EmailAddress: 'Alice.A@example.org',
    Host: 'mail.example.org',
    SSL: true,
    UserName: 'CORP\\alice',
    OAuth: true,
    PayloadCertificateUUID: identity,
    MailNumberOfPastDaysToSync: 14,
    PreventMove: true,
    PreventAppSheet: true,
    disableMailRecentsSyncing: true,
    EnableMail: true,
    EnableMailUserOverridable: false,
    EnableContacts: true,
    EnableContactsUserOverridable: false,
    EnableCalendars: false,
    EnableCalendarsUserOverridable: false,
    EnableReminders: false,
    EnableRemindersUserOverridable: false,
    EnableNotes: false,
    EnableNotesUserOverridable: false,
    SMIMEEnabled: true,
    SMIMESigningEnabled: true,
    SMIMESigningUserOverrideable: true,
    SMIMESigningCertificateUUID: signing,
    SMIMESigningCertificateUUIDUserOverrideable: true,
    SMIMEEncryptByDefault: true,
    SMIMEEncryptByDefaultUserOverrideable: true,
    SMIMEEncryptionCertificateUUID: encryption,
    SMIMEEncryptionCertificateUUIDUserOverrideable: true,
    SMIMEEnableEncryptionPerMessageSwitch: true,
    VPNUUID: 'vpn-1',
  })
  assert.deepEqual(parts[0]?.['PayloadContent'], {
    URL: 'https://ca.example.org/scep',
    Name: 'Sign in',
    Subject: [
      [['CN', 'alice']],
      [['1.2.840.113549.1.9.1', 'Alice.A@example.org']],
      [['OU', 'a,b']],
      [['2.5.4.5', '7']],
    ],
    'Key Type': 'RSA',
    Keysize: 4096,
    'Key Usage': 1,
    SubjectAltName: { ntPrincipalName: 'alice@corp.example.org' },
  })
  assert.deepEqual(
    [whole['PayloadIdentifier'], whole['PayloadType']],
    ['postern.mail.cfg_1', 'Configuration'],
  )
})

const sources: readonly [settings: object, holder: typeof alice, address: string, name: string][] =
  [
    [{}, alice, 'alice@corp.example.org', 'alice@corp.example.org'],
    [{ emailAddressSource: 'primarySmtpAddress' }, alice, 'Alice.A@example.org', alice.name],
    [{ usernameSource: 'primarySmtpAddress' }, alice, alice.name, 'Alice.A@example.org'],
    [{}, { ...alice, name: 'alice' }, 'Alice.A@example.org', 'alice'],
    [{ customDomainName: 'OLD' }, { ...alice, name: 'alice' }, 'Alice.A@example.org', 'OLD\\alice'],
    [
      { userDomainNameSource: 'fullDomainName', usernameAADSource: 'samAccountName' },
      { ...alice, name: 'alice' },
      'Alice.A@example.org',
      'example.org\\alice',
    ],
  ]
for (const [settings, holder, address, name] of sources)
  test(`F24: ${JSON.stringify(settings)} makes ${holder.name} the account ${name}`, () => {
    const { account } = payloads(settings, 'dev_1', holder)
    assert.deepEqual([account['EmailAddress'], account['UserName']], [address, name])
  })

test('F24: nothing but references names a certificate, and each names one of the same profile', () => {
  const { parts, account } = payloads({})
  assert.equal(parts.length, 1)
  const named = Object.keys(account).filter((key) =>
    /(Certificate|Signing|Encryption)\w*UUID$/.test(key),
  )
  assert.deepEqual(named, [])
  assert.equal('Password' in account, false)
})

test('F24: UUIDs are of profile and device: again the same, elsewhere another', () => {
  const uuids = (place: string) => {
    const { whole, parts } = payloads(everySetting, place)
    return [whole, ...parts].map(({ PayloadUUID }) => {
      assert.ok(typeof PayloadUUID === 'string')
      return PayloadUUID
    })
  }
  const first = uuids('dev_1')
  assert.deepEqual(uuids('dev_1'), first)
  const all = [...first, ...uuids('dev_2')]
  assert.equal(new Set(all).size, all.length)
  for (const uuid of all)
    assert.match(uuid, /^[0-9A-F]{8}-[0-9A-F]{4}-5[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/)
})

test('F24: what cannot be delivered is refused, and named', () => {
  const refused: readonly [object, RegExp][] = [
    [{ authenticationMethod: 'certificate' }, /identityCertificate/],
    [{ authenticationMethod: 'derivedCredential' }, /derived/],
    [{ signingCertificateType: 'certificate' }, /smimeSigningCertificate/],
    [{ encryptionCertificateType: 'derivedCredential' }, /derived/],
    [{ easServices: 'none' }, /at least one service/],
    [
      {
        authenticationMethod: 'certificate',
        identityCertificate: scep('x', { subjectNameFormatString: 'CN={{AAD_Device_ID}}' }),
      },
      /AAD_Device_ID/,
    ],
  ]
  for (const [settings, part] of refused)
    assert.throws(() => payloads(settings), undeliverable(part), JSON.stringify(settings))
  const android = { ...profileOf({}), type: 'androidEasEmailProfileConfiguration' as const }
  assert.throws(() => appleProfile(android, alice, 'dev_1'), undeliverable(/android/))
})

test('law: whatever users are called, the profile is read as it was meant, and a comma begins no new part of a subject', () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((one) => /^[^\p{C}]+$/u.test(one))
  fc.assert(
    fc.property(text, text, (name, mail) => {
      const { account, parts } = payloads(
        {
          authenticationMethod: 'certificate',
          identityCertificate: scep('Id', {
            subjectNameFormatString: 'CN={{UserPrincipalName}},O=x',
          }),
        },
        'dev_1',
        { name, mail },
      )
      assert.equal(account['UserName'], name)
      const content = parts[0]?.['PayloadContent'] as Dict | undefined
      assert.deepEqual(content?.['Subject'], [[['CN', name]], [['O', 'x']]])
    }),
  )
})
