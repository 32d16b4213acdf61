import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { hour, minute } from '../../src/base/clock.ts'
import { Secret } from '../../src/base/secret.ts'
import type {
  ActionRow,
  PreviewBody,
  ProfileRow,
  TemplateBody,
} from '../../src/graph/actions-contract.ts'
import type { ProfileWarning } from '../../src/graph/collections-contract.ts'
import type { Collection } from '../../src/graph/contract.ts'
import { createMovedClock } from '../fake/moved-clock.ts'
import { startHouse } from '../house.ts'
import { type RealPostgres, startPostgres } from '../real/postgres.ts'
import { openShell, type Shell } from './shell.ts'
import {
  confirm,
  eventually,
  iPhone,
  openSite,
  phonesPolicy,
  type PolicyDraft,
  settle,
} from './site.ts'

// Actions for noncompliance as an administrator meets them. This also holds src/cli/actions.ts, src/cli/templates.ts,
// src/cli/profiles.ts, src/graph/routes/actions.ts, src/graph/routes/profiles.ts, src/graph/routes/templates.ts and
// src/graph/template-json.ts.

interface Told {
  readonly warnings: readonly ProfileWarning[]
}

/** Runs it the first time only. */
function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= work())
}

interface Desk extends Omit<Shell, 'file'> {
  readonly clock: ReturnType<typeof createMovedClock>
  json<T>(...argv: readonly string[]): Promise<T>
  file(name: string, content: object): Promise<string>
}

async function openDesk(t: TestContext): Promise<Desk> {
  const clock = createMovedClock()
  const shell = await openShell(t, { clock })
  return {
    ...shell,
    clock,
    async json<T>(...argv: readonly string[]) {
      const { code, out, err } = await shell.type('--json', ...argv)
      assert.equal(code, 0, err)
      return JSON.parse(out) as T // the contract names the type
    },
    file: (name, content) => shell.file(name, JSON.stringify(content)),
  }
}

const reminder = {
  '@odata.type': '#microsoft.graph.notificationMessageTemplate',
  id: '8f0ba3a0-0b5e-4bd0-a6a4-8f2c1f0e4a11',
  displayName: 'Reminder',
  defaultLocale: 'en-US',
  brandingOptions: 'includeCompanyName,includeContactInformation',
  localizedNotificationMessages: [
    {
      locale: 'en-US',
      subject: 'Mind {{deviceName}}',
      messageTemplate: 'Dear {{userDisplayName}},\n{{issues}}',
      isDefault: true,
    },
    { locale: 'de-DE', subject: 'Achtung', messageTemplate: 'Guten Tag', isDefault: false },
  ],
}

async function oldPhone(site: Desk): Promise<void> {
  await site.house.addUser('alice')
  await site.house.addUser('help', 'correct horse', 'help@example.org')
  await site.group('Desk', 'help')
  const phone = site.house.phone('alice', 'ALICE1')
  await settle(phone)
  await confirm(site.house, 'alice', 'ALICE1')
  assert.equal((await phone.sendDeviceInformation(iPhone('16.0'))).status, 1)
}

const phonesWith = (actions: Record<string, unknown>[]): PolicyDraft[] => {
  const [compliance, online] = phonesPolicy('17.0')
  assert.ok(compliance?.kind === 'compliancePolicy' && online)
  return [{ ...compliance, gracePeriodHours: 168, actions }, online]
}

test('F19: mails by schedule to the user and the help desk, and a retirement that somebody has to confirm', async (t) => {
  const site = await openDesk(t)
  const { type, json, post, clock } = site
  assert.equal((await type('template', 'apply', await site.file('r.json', reminder))).code, 0)
  await site.apply(
    ...phonesWith([
      {
        type: 'notification',
        gracePeriodHours: 0,
        notificationTemplateId: 'Reminder',
        notificationMessageCCList: ['Desk'],
      },
      { type: 'notification', gracePeriodHours: 72, notificationTemplateId: reminder.id },
      { type: 'retire', gracePeriodHours: 72 },
    ]),
  )
  await oldPhone(site)
  const told = () => post.mails.filter(({ subject }) => subject.startsWith('Mind '))
  await eventually(() => told().length === 2, 'both are told')
  assert.deepEqual(
    told()
      .map(({ to }) => to)
      .toSorted(),
    ['alice@example.org', 'help@example.org'],
  )
  assert.ok(told().every(({ text }) => text.includes('Dear alice,') && text.includes('17.0')))
  const rows = await json<ActionRow[]>('action', 'list', '--sort', 'actionType desc')
  assert.deepEqual(
    rows.map(({ actionType, state, userPrincipalName }) => [actionType, state, userPrincipalName]),
    [
      ['retire', 'due', 'alice'],
      ['notification', 'done', 'alice'],
      ['notification', 'due', 'alice'],
    ],
  )
  clock.move(72 * hour + minute)
  await eventually(() => told().length === 3, 'reminded on day 3')
  const waiting = async () => json<ActionRow[]>('action', 'list', '--state', 'confirmation')
  await eventually(async () => (await waiting()).length === 1, 'the retirement waits')
  const [asked] = await waiting()
  assert.ok(asked?.id)
  assert.equal((await site.row('ALICE1')).azureADRegistered, true)
  const said = await type('action', 'confirm', asked.id)
  assert.deepEqual([said.code, said.out.endsWith(': done')], [0, true])
  assert.equal((await site.row('ALICE1')).azureADRegistered, false)
  assert.match((await type('action', 'dismiss', asked.id)).err, /^action\.settled/)
  assert.match((await type('action', 'retry', asked.id)).err, /^action\.settled/)
  assert.match((await type('action', 'list')).out, /retire .*alice .*Phones/)
})

test('F20: everyone is written to in their own language, or in the default one of the template', async (t) => {
  const site = await openDesk(t)
  const { type, post } = site
  await type('template', 'apply', await site.file('r.json', reminder))
  await site.apply(
    ...phonesWith([
      {
        type: 'notification',
        gracePeriodHours: 0,
        notificationTemplateId: 'Reminder',
        notificationMessageCCList: ['Desk'],
      },
    ]),
  )
  await site.house.addUser('chef', 'correct horse', 'chef@example.org')
  await site.group('Desk', 'chef')
  await site.house.addUser('alice')
  assert.equal((await type('user', 'set', 'alice', '--language', 'de-at')).code, 0)
  assert.equal((await type('user', 'set', 'chef', '--language', 'fr')).code, 0)
  assert.match((await type('user', 'set', 'chef', '--language', 'french')).err, /preferredLanguage/)
  assert.match((await type('user', 'list')).out, /^alice .* de-AT/m)
  const phone = site.house.phone('alice', 'ALICE1')
  await settle(phone)
  await confirm(site.house, 'alice', 'ALICE1')
  assert.equal((await phone.sendDeviceInformation(iPhone('16.0'))).status, 1)
  const told = () => post.mails.filter(({ subject }) => /^(Achtung|Mind )/.test(subject))
  await eventually(() => told().length === 2, 'both are told')
  const subjects = new Map(told().map(({ to, subject }) => [to, subject.split(' ')[0]]))
  assert.deepEqual(
    subjects,
    new Map([
      ['alice@example.org', 'Achtung'],
      ['chef@example.org', 'Mind'],
    ]),
  )
  assert.equal((await type('user', 'set', 'alice', '--language', 'none')).code, 0)
  assert.doesNotMatch((await type('user', 'list')).out, /de-AT/)
})

test('F20: templates are Graph’s: import, preview per device and locale, branding, and a test message', async (t) => {
  const site = await openDesk(t)
  const { type, json, post } = site
  const api = site.house.administrator
  const path = '/deviceManagement/notificationMessageTemplates'
  await type('template', 'apply', await site.file('r.json', reminder))
  const shown = await json<TemplateBody>('template', 'show', 'reminder')
  assert.equal(shown.defaultLocale, 'en-us')
  // What was exported is taken back as it is.
  assert.equal((await type('template', 'apply', await site.file('again.json', shown))).code, 0)
  const [again, more] = await json<TemplateBody[]>('template', 'list')
  assert.deepEqual([again?.id, more], [shown.id, undefined])
  await api.call('PATCH', '/deviceManagement/intuneBrand', {
    displayName: 'Contoso',
    contactITName: 'Help desk',
  })
  await site.apply(...phonesWith([]))
  await oldPhone(site)
  await eventually(
    async () => (await site.row('ALICE1')).complianceState === 'inGracePeriod',
    'judged',
  )
  const { id } = await site.row('ALICE1')
  const seen = await json<PreviewBody>('template', 'preview', 'Reminder', '--device', id)
  assert.match(seen.subject, /^Mind /)
  assert.match(seen.text, /^Contoso\n/)
  assert.match(seen.text, /Dear alice,[^]*17\.0[^]*Name: Help desk/)
  const german = await json<PreviewBody>('template', 'preview', 'Reminder', '--locale', 'de-AT')
  assert.deepEqual([german.locale, german.subject], ['de-de', 'Achtung'])
  const sent = await type('template', 'preview', 'built-in', '--send-to', 'help')
  assert.equal(sent.code, 0)
  await eventually(() => post.mails.some(({ to }) => to === 'help@example.org'), 'the test message')

  const messages = `${path}/${shown.id}/localizedNotificationMessages`
  const french = { locale: 'fr-fr', subject: 'Attention', messageTemplate: 'Bonjour' }
  await api.call('POST', messages, { ...french, isDefault: true })
  await assert.rejects(api.call('POST', messages, french), /fr-fr/)
  const changed = await api.call<{ subject: string }>('PATCH', `${messages}/fr-fr`, {
    subject: 'Oh',
  })
  assert.equal(changed.subject, 'Oh')
  await assert.rejects(api.call('DELETE', `${messages}/fr-fr`), /default locale/)
  await api.call('DELETE', `${messages}/de-de`)
  const bad = { locale: 'es-es', subject: '{{colour}}', messageTemplate: 'x' }
  await assert.rejects(api.call('POST', messages, bad), /\{\{colour\}\}/)
  await api.call('PATCH', `${path}/${shown.id}`, { displayName: 'Warning' })
  const { messages: kept } = await api
    .call<TemplateBody>('GET', `${path}/Warning`)
    .then(({ localizedNotificationMessages }) => ({ messages: localizedNotificationMessages }))
  assert.deepEqual(
    kept.map(({ locale, isDefault }) => [locale, isDefault]),
    [
      ['en-us', false],
      ['fr-fr', true],
    ],
  )
  await assert.rejects(api.call('DELETE', `${path}/built-in`), /stays/)
  assert.equal((await type('template', 'delete', 'Warning')).code, 0)
  assert.match((await type('template', 'show', 'Warning')).err, /^not\.found/)
  assert.match((await type('template', 'tokens')).out, /\{\{issues\}\}/)
})

describe('over one PostgreSQL', () => {
  let postgres: RealPostgres
  before(async () => {
    postgres = await startPostgres()
  })
  after(() => postgres.stop())

  test('F19: over two nodes and one mail server every mail is sent once, whichever node rings, and after one has died', async (t) => {
    const clock = createMovedClock()
    const store = await postgres.createDatabase()
    const secrets = { upstream: undefined, smtp: undefined, keys: new Secret('of both nodes') }
    const one = await openSite(t, { store, secrets }, { clock })
    const smtp = { url: one.post.url, from: 'postern@example.org' }
    const other = await startHouse({ store, secrets, smtp }, { clock })
    const stopOther = once(() => other.stop())
    t.after(stopOther)
    const hours = [0, 24, 24, 48]
    await one.apply(
      ...phonesWith(hours.map((gracePeriodHours) => ({ type: 'notification', gracePeriodHours }))),
    )
    const users = Array.from({ length: 4 }, (_, n) => `user${n}`)
    for (const user of users) {
      await one.house.addUser(user)
      const phone = one.house.phone(user, user.toUpperCase())
      await settle(phone)
      await confirm(one.house, user, user.toUpperCase())
      assert.equal((await phone.sendDeviceInformation(iPhone('16.0'))).status, 1)
    }
    const told = () =>
      one.post.mails.filter(({ subject }) => subject.endsWith('needs your attention'))
    const reached = (count: number) =>
      eventually(() => told().length >= count, `${count} mails`, 60_000)
    await reached(users.length)
    clock.move(24 * hour + minute)
    await reached(3 * users.length)
    await stopOther()
    clock.move(24 * hour)
    await reached(4 * users.length)
    const { value } = await one.house.administrator.call<Collection<ActionRow>>(
      'GET',
      '/postern/actions',
    )
    assert.deepEqual(new Set(value.map(({ state }) => state)), new Set(['done']))
    for (const user of users)
      assert.equal(told().filter(({ to }) => to === `${user}@example.org`).length, hours.length)
  })
})

test('F08: a policy that demands a managed mail account warns of users who get no profile', async (t) => {
  const site = await openDesk(t)
  const { type, json, file } = site
  await site.house.addUser('alice')
  await site.house.addUser('bob')
  await site.group('Staff', 'alice')
  const target = { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId: 'Staff' }
  const mail = {
    '@odata.type': '#microsoft.graph.iosEasEmailProfileConfiguration',
    displayName: 'Company mail',
    accountName: 'Contoso',
    hostName: 'mail.example.org',
    authenticationMethod: 'certificate',
    assignments: [{ target }],
  }
  const policy = {
    kind: 'compliancePolicy',
    name: 'Managed mail',
    platform: 'iOS',
    settings: { managedEmailProfileRequired: true },
  } as const
  const api = site.house.administrator
  const before = await api.call<Told>('POST', '/postern/profiles/warnings', { documents: [policy] })
  assert.deepEqual(before.warnings[0]?.users, ['alice', 'bob'])
  await site.apply(policy)
  const folder = await file('profile.json', mail)
  const checked = await type('profile', 'apply', folder, '--check')
  assert.match(checked.err, /warning: Managed mail: .*1 users .*\(bob\)/)
  assert.match((await type('profile', 'list')).out, /^name[^\n]*$/)
  assert.equal((await type('profile', 'apply', folder)).code, 0)
  assert.match(
    (await type('profile', 'list')).out,
    /Company mail +ios\w+ +mail\.example\.org +Staff/,
  )
  assert.match((await type('profile', 'check')).out, /\(bob\)/)
  const exported = await json<readonly object[]>('profile', 'export')
  assert.equal((await type('profile', 'apply', await file('again.json', exported))).code, 0)
  const path = '/deviceManagement/deviceConfigurations'
  const { value } = await api.call<Collection<ProfileRow & { version: number }>>('GET', path)
  assert.deepEqual(
    value.map(({ displayName, version }) => [displayName, version]),
    [['Company mail', 1]],
  )
  const [{ id } = assert.fail()] = value
  const all = { target: { '@odata.type': '#microsoft.graph.allLicensedUsersAssignmentTarget' } }
  await api.call('POST', `${path}/${id}/assign`, { assignments: [all] })
  assert.match((await type('profile', 'check')).out, /reach the same users/)
  await api.call('PATCH', `${path}/${id}`, { requireSmime: true })
  const changed = await api.call<ProfileRow & { requireSmime: boolean }>('GET', `${path}/${id}`)
  assert.equal(changed.requireSmime, true)
  await assert.rejects(api.call('PATCH', `${path}/${id}`, { colour: 'red' }), /colour/)
  await assert.rejects(api.call('POST', path, mail), /already/)
  assert.equal((await type('profile', 'delete', 'company mail')).code, 0)
  await assert.rejects(api.call('GET', `${path}/${id}`), /no profile/)
})
