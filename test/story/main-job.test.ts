import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { LogRow } from '../../src/graph/contract.ts'
import type { EasClient } from '../../src/phone/phone.ts'
import type { EasVersion } from '../../src/wire/eas/version.ts'
import {
  eventually,
  type Held,
  hold,
  iPhone,
  onlyMail,
  openSite,
  phonesPolicy,
  settle,
  type Site,
  soon,
  subjects,
} from './site.ts'

// The phone is as real as the server, so this also holds src/phone/reading.ts and src/phone/replica.ts.

interface Form {
  readonly version: EasVersion
  readonly form: 'plain' | 'base64'
}

const versions: readonly EasVersion[] = ['12.1', '14.0', '14.1', '16.1']

describe('observe, enforce, notice, portal, mail, tighten, cut, told why, fixed, mail', () => {
  for (const version of versions)
    for (const form of ['plain', 'base64'] as const)
      test(`at EAS ${version}, ${form} query`, (t) => mainJob(t, { version, form }))
})

/** Ping 7 and Sync 12: look at your folders, something is different. */
const cut = [7, 12]

async function mainJob(t: TestContext, form: Form): Promise<void> {
  const site = await openSite(t)
  const { house } = site
  for (const user of ['alice', 'bob']) {
    await house.addUser(user)
    await house.deliver(user, `Figures for ${user}`)
  }
  const alice = house.phone('alice', 'ALICE1', form)
  const bob = house.phone('bob', 'BOB1', form)
  await observing(site, alice, bob)
  const held = await hold(alice)
  const others = await hold(bob)
  await enforcing(site, { held, others, alice, bob })
  await confirming(site, alice)
  assert.deepEqual(subjects(alice), ['Figures for alice'])
  await tightening(site, alice)
  await fixing(site, alice)
  assert.deepEqual(subjects(alice), ['Figures for alice'])
  assert.equal(mailsTo(site, 'alice').length, 2)
}

const mailsTo = ({ post }: Site, user: string) =>
  post.mails.filter(({ to }) => to === `${user}@example.org`)

/** The user is also told by mail, each time once. */
async function mailed(site: Site, subject: string, ...words: readonly string[]): Promise<void> {
  const told = () => mailsTo(site, 'alice').filter((mail) => mail.subject === subject)
  await eventually(() => told().length > 0, `a mail ${subject}`)
  const [mail, second] = told()
  assert.equal(second, undefined)
  for (const word of words) assert.ok(mail?.text.includes(word), mail?.text)
}

/** A new site judges everybody and refuses nobody, with or without a policy. */
async function observing(site: Site, ...phones: readonly EasClient[]): Promise<void> {
  await site.apply(...phonesPolicy('17.0'))
  for (const phone of phones) {
    await settle(phone)
    assert.deepEqual(subjects(phone), [`Figures for ${phone.user}`])
    // No policy was asked of it: the key is the one that it came with.
    assert.equal(phone.policyKey, '0')
    const { exchangeAccessState, judged, enforced, exchangeAccessStateReason } = await site.row(
      phone.deviceId,
    )
    assert.deepEqual(
      { exchangeAccessState, judged, enforced, exchangeAccessStateReason },
      {
        exchangeAccessState: 'allowed',
        judged: 'quarantine',
        enforced: false,
        exchangeAccessStateReason: 'notEnrolled',
      },
    )
  }
}

/** First for a group, then for all: who is not in the group notices nothing. */
async function enforcing(
  site: Site,
  { held, others, alice, bob }: { held: Held; others: Held; alice: EasClient; bob: EasClient },
): Promise<void> {
  await site.group('Pilot', 'alice')
  await site.enforce('Pilot')
  assert.deepEqual(await held.ended(), cut)
  assert.equal(others.over, 0)
  // Bob's connections do not merely hang: his mail comes through them.
  await site.house.deliver('bob', 'More figures')
  assert.deepEqual(await others.ended(), [2, 1])
  assert.deepEqual(subjects(bob), ['Figures for bob', 'More figures'])
  const again = await hold(bob)
  await site.enforce()
  assert.deepEqual(await again.ended(), cut)

  const refused = await alice.folderSync()
  assert.equal(refused.http, 449)
  assert.equal(refused.status, alice.version === '12.1' ? undefined : 142)
  await settle(alice)
  assert.notEqual(alice.policyKey, '0')
  assert.notEqual(onlyMail(alice).subject, 'Figures for alice')
  assert.equal((await site.row('ALICE1')).exchangeAccessState, 'quarantined')
}

/** The user follows the link of the notice and confirms the phone, while it waits. */
async function confirming(site: Site, alice: EasClient): Promise<void> {
  const { house, row } = site
  const { subject, text } = onlyMail(alice)
  await mailed(site, subject, 'ALICE1', '/portal/?link=')
  const [, token] = /\/portal\/\?link=([A-Za-z0-9_-]+)/.exec(text) ?? []
  assert.ok(token, text)
  assert.ok(text.includes('ALICE1'), 'the notice says which device it is about')
  const waiting = await hold(alice)
  const person = await house.portal('alice')
  const { id } = await person.call<{ id: string }>('GET', `/me/links/${token}`)
  const shown = await person.call('POST', `/me/clients/${id}/confirm`, {})
  assert.partialDeepStrictEqual(shown, { enrollment: 'done', compliance: 'done', issues: [] })
  assert.deepEqual(await waiting.ended(), cut)
  await settle(alice)
  // From not enrolled to compliant in one step: nothing in between told her that something is wrong with the phone.
  const { value } = await house.administrator.call<{ value: LogRow[] }>('GET', '/postern/log')
  const [latest, before] = value.filter(({ device }) => device === 'ALICE1')
  assert.deepEqual([before?.stateReason, latest?.stateReason], ['notEnrolled', 'compliant'])
  assert.partialDeepStrictEqual(await row('ALICE1'), {
    exchangeAccessState: 'allowed',
    exchangeAccessStateReason: 'compliant',
    complianceState: 'compliant',
    easActivated: true,
  })
}

/** What is held ends, the mail is gone from the phone, and it is told what was found and what is needed. */
async function tightening(site: Site, alice: EasClient): Promise<void> {
  const held = await hold(alice)
  await site.apply(...phonesPolicy('18.0'))
  assert.deepEqual(await held.ended(), cut)
  await settle(alice)
  const { subject, text } = onlyMail(alice)
  assert.ok(text.includes('17.4') && text.includes('18.0'), text)
  await mailed(site, subject, '17.4', '18.0')
  const { issues, ...row } = await site.row('ALICE1')
  assert.equal(row.exchangeAccessStateReason, 'notCompliant')
  assert.partialDeepStrictEqual(issues, [
    { rule: 'osMinimumVersion', measured: '17.4', required: '18.0' },
  ])
  // Nothing of the mailbox opens by another way: an item that the phone held before, a search, a message to send.
  const { results } = await alice.search('Mailbox', 'Figures')
  assert.deepEqual(results, [])
}

/** The phone is updated, and says so itself. */
async function fixing({ row }: Site, alice: EasClient): Promise<void> {
  const held = await hold(alice)
  await soon(alice.sendDeviceInformation(iPhone('18.1')), 'Settings has no answer')
  assert.deepEqual(await held.ended(), cut)
  await settle(alice)
  assert.equal((await row('ALICE1')).exchangeAccessState, 'allowed')
}
