import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { createManualClock, day } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { silentLog } from '../base/log.ts'
import { openHistory } from '../../test/fake/history.ts'
import { createDirectory, type GroupId } from '../directory/directory.ts'
import { directoryMigrations } from '../directory/migrations.ts'
import { historyMigrations } from '../history/migrations.ts'
import { openStore } from '../store/store.ts'
import { profileSettings, profileTypes } from './email-profile.ts'
import { readProfile, writeProfile } from './graph-json.ts'
import { profilesMigrations } from './migrations.ts'
import { createProfiles } from './profiles.ts'
import { hasProfile, reaches, usersWithout } from './reach.ts'

// This also holds src/profiles/records.ts, src/profiles/reach.ts, src/profiles/graph-json.ts and email-profile.ts.

async function open(t: TestContext) {
  const clock = createManualClock(Date.UTC(2026, 2, 1))
  const migrations = [...directoryMigrations, ...profilesMigrations, ...historyMigrations]
  const store = await openStore({ url: ':memory:', migrations, clock, log: silentLog })
  t.after(() => store.stop())
  const history = await openHistory(store, { clock })
  const directory = createDirectory({ store, clock, tell: history.append })
  return { clock, directory, profiles: createProfiles({ store, directory, history, clock }) }
}

const everyField = {
  '@odata.type': '#microsoft.graph.iosEasEmailProfileConfiguration',
  displayName: 'Company mail',
  description: null,
  accountName: 'Contoso',
  hostName: 'mail.example.org',
  requireSsl: true,
  emailAddressSource: 'primarySmtpAddress',
  durationOfEmailToSync: 'oneMonth',
  usernameSource: 'userPrincipalName',
  usernameAADSource: 'samAccountName',
  userDomainNameSource: 'netBiosDomainName',
  customDomainName: 'CONTOSO',
  authenticationMethod: 'certificate',
  blockMovingMessagesToOtherEmailAccounts: true,
  blockSendingEmailFromThirdPartyApps: true,
  blockSyncingRecentlyUsedEmailAddresses: true,
  requireSmime: true,
  smimeSigningEnabled: true,
  signingCertificateType: 'certificate',
  smimeEncryptByDefaultEnabled: true,
  encryptionCertificateType: 'certificate',
  'identityCertificate@odata.bind': 'https://graph.microsoft.com/beta/deviceManagement/x',
}
const staff: GroupId = 'grp_staff'
const groupNamed = (key: string): GroupId => {
  if (key !== 'Staff' && key !== staff) throw new Failure('policy.invalid', `no ${key}`)
  return staff
}
const code = (wanted: string) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === wanted

test('F24: every field of a mail profile is read, kept and written again', () => {
  const target = { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId: 'Staff' }
  const draft = readProfile({ ...everyField, assignments: [{ target }] }, groupNamed)
  const kept = {
    ...draft,
    assignedTo: [staff],
    excluded: [],
    ...draft.assignments,
    id: 'cfg_1',
    createdAt: 0,
    modifiedAt: 0,
    version: 1,
  }
  const written = writeProfile(kept, () => 'Staff')
  const { description: _, ...rest } = everyField
  assert.deepEqual({ ...written, ...rest, assignments: [{ target }] }, written)
  assert.deepEqual(readProfile(written, groupNamed).settings, draft.settings)
})

test('each type has its own schedule, content types and sources, and refuses what it does not know', () => {
  const account = { displayName: 'Mail', accountName: 'Contoso', hostName: 'mail.example.org' }
  for (const type of profileTypes) {
    const body = { ...account, '@odata.type': `#microsoft.graph.${type}` }
    const { settings } = readProfile(body, groupNamed)
    assert.equal(settings['durationOfEmailToSync'], 'userDefined')
    assert.deepEqual(profileSettings[type].parse(settings), settings)
    const emailSyncSchedule = 'fifteenMinutes'
    if (type !== 'iosEasEmailProfileConfiguration')
      assert.equal(
        readProfile({ ...body, emailSyncSchedule }, groupNamed).settings['emailSyncSchedule'],
        emailSyncSchedule,
      )
    assert.throws(() => readProfile({ ...body, colour: 'red' }, groupNamed), code('policy.invalid'))
    const address = { ...body, hostName: 'https://mail' }
    assert.throws(() => readProfile(address, groupNamed), code('policy.invalid'))
  }
  const other = { ...account, '@odata.type': '#microsoft.graph.iosGeneralDeviceConfiguration' }
  assert.throws(() => readProfile(other, groupNamed), code('policy.invalid'))
})

test('a profile keeps its id, counts its versions, and its targets where nothing is said of them', async (t) => {
  const { profiles, directory, clock } = await open(t)
  const { id: group } = await directory.addGroup('Staff')
  const draft = readProfile(everyField, groupNamed)
  const assignments = { assignedTo: [group], excluded: [] }
  const [first] = await profiles.put([{ ...draft, assignments }], 'test')
  clock.advance(day)
  assert.deepEqual(await profiles.put([draft], 'test'), [first])
  const [second] = await profiles.put([{ ...draft, description: 'New' }], 'test')
  assert.deepEqual(
    [second?.id, second?.version, second?.assignedTo, second?.modifiedAt],
    [first?.id, 2, [group], clock.now()],
  )
  await assert.rejects(profiles.put([draft, draft], 'test'), code('name.taken'))
  const lost = { ...draft, assignments: { assignedTo: [staff], excluded: [] } }
  await assert.rejects(profiles.put([lost], 'test'), code('policy.invalid'))
  await profiles.remove('company MAIL', 'test')
  assert.deepEqual(await profiles.list(), [])
  await assert.rejects(profiles.remove('company mail', 'test'), code('not.found'))
})

test('law: F08, who is without a profile is whom the policy reaches and no profile for Apple does', () => {
  const groups = fc.constantFrom('a', 'b', 'c')
  const reach = fc.record({
    assignedTo: fc.oneof(fc.constant('all' as const), fc.array(groups)),
    excluded: fc.array(groups, { maxLength: 1 }),
  })
  const types = fc.constantFrom(...profileTypes)
  const profile = fc
    .record({ type: types, reach })
    .map(({ type, reach: { assignedTo, excluded } }) => ({
      type,
      assignedTo:
        assignedTo === 'all' ? assignedTo : assignedTo.map((one): GroupId => `grp_${one}`),
      excluded: excluded.map((one): GroupId => `grp_${one}`),
    }))
  const users = fc.array(
    fc.record({ id: fc.string(), groups: fc.array(groups).map((all) => new Set(all)) }),
  )
  fc.assert(
    fc.property(reach, fc.array(profile, { maxLength: 3 }), users, (policy, profiles, people) => {
      const without = usersWithout(policy, profiles, people)
      const expected = people.filter(
        (one) => reaches(policy, one.groups) && !hasProfile(profiles, one.groups),
      )
      assert.deepEqual(
        without,
        expected.map(({ id }) => id),
      )
      const everybody = { type: 'iosEasEmailProfileConfiguration', excluded: [] } as const
      assert.deepEqual(usersWithout(policy, [{ ...everybody, assignedTo: 'all' }], people), [])
    }),
  )
})
