import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openHistory } from '../../test/fake/history.ts'
import { createManualClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { silentLog } from '../base/log.ts'
import { createDirectory } from '../directory/directory.ts'
import { directoryMigrations } from '../directory/migrations.ts'
import { historyMigrations } from '../history/migrations.ts'
import { openStore } from '../store/store.ts'
import type { ProfileDraft } from './graph-json.ts'
import { profilesMigrations } from './migrations.ts'
import { createProfiles } from './profiles.ts'

// This also holds src/profiles/handing-out.ts.

async function openOffice(t: TestContext) {
  const clock = createManualClock(Date.UTC(2026, 2, 1))
  const migrations = [...directoryMigrations, ...profilesMigrations, ...historyMigrations]
  const store = await openStore({ url: ':memory:', migrations, clock, log: silentLog })
  t.after(() => store.stop())
  const history = await openHistory(store, { clock })
  const directory = createDirectory({ store, clock, tell: history.append })
  const profiles = createProfiles({ store, directory, history, clock })
  const staff = await directory.addGroup('Staff')
  const alice = await directory.addUser({ name: 'alice', mail: 'alice@example.org' })
  await directory.changeMembers(staff.id, { add: [alice.id] })
  const draft: ProfileDraft = {
    type: 'iosEasEmailProfileConfiguration',
    displayName: 'Company mail',
    description: '',
    settings: { accountName: 'Contoso', hostName: 'mail.example.org' },
    assignments: { assignedTo: [staff.id], excluded: [] },
  }
  await profiles.put([draft], 'test')
  const states = async () => (await profiles.handedOut()).map(({ state }) => state)
  return { directory, profiles, staff, alice, draft, states }
}

const code = (wanted: string) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === wanted

test('F24: what was handed out is current, outdated, or to be removed, as profile and directory change', async (t) => {
  const { profiles, directory, staff, alice, draft, states } = await openOffice(t)
  const recipient = { user: alice.id, device: 'dev_1' }
  const made = await profiles.handOut('company mail', recipient, 'admin')
  assert.deepEqual(await states(), ['current'])
  await profiles.put(
    [{ ...draft, settings: { ...draft.settings, hostName: 'other.example.org' } }],
    'test',
  )
  assert.deepEqual(await states(), ['outdated'])
  const again = await profiles.handOut('company mail', recipient, 'admin')
  assert.deepEqual([again.uuid, again.identifier], [made.uuid, made.identifier])
  assert.deepEqual(await states(), ['current'])
  await directory.changeUser(alice.id, { mail: 'a@example.org' })
  assert.deepEqual(await states(), ['outdated'])
  await directory.changeMembers(staff.id, { remove: [alice.id] })
  assert.deepEqual(await states(), ['remove'])
  await directory.changeMembers(staff.id, { add: [alice.id] })
  await profiles.put([{ ...draft, assignments: { assignedTo: [], excluded: [] } }], 'test')
  assert.deepEqual(await states(), ['remove'])
  await profiles.remove('Company mail', 'test')
  const [note] = await profiles.handedOut()
  assert.deepEqual(
    [note?.state, note?.identifier, note?.displayName, note?.actor],
    ['remove', made.identifier, 'Company mail', 'admin'],
  )
  await profiles.takenBack(made.identifier, 'dev_1')
  assert.deepEqual(await profiles.handedOut(), [])
  await assert.rejects(profiles.takenBack(made.identifier, 'dev_1'), code('not.found'))
})

test('F24: nobody is handed a profile that is not for them', async (t) => {
  const { profiles, directory, alice, states } = await openOffice(t)
  const bob = await directory.addUser({ name: 'bob', mail: 'bob@example.org' })
  await assert.rejects(
    profiles.handOut('Company mail', { user: bob.id }, 'bob'),
    code('profile.undeliverable'),
  )
  await assert.rejects(profiles.handOut('Other', { user: alice.id }, 'bob'), code('not.found'))
  assert.deepEqual(await profiles.appleOf(bob.id), [])
  assert.equal((await profiles.appleOf(alice.id)).length, 1)
  await directory.changeUser(alice.id, { enabled: false })
  await assert.rejects(
    profiles.handOut('Company mail', { user: alice.id }, 'alice'),
    code('profile.undeliverable'),
  )
  assert.deepEqual(await states(), [])
})
