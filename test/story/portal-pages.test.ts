import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import type { EasClient } from '../../src/phone/phone.ts'
import { createMovedClock } from '../fake/moved-clock.ts'
import {
  confirm,
  eventually,
  iPhone,
  knownPhone,
  onlyMail,
  phonesPolicy,
  settle,
  subjects,
} from './site.ts'
import { looksWell, password, signIn, windows, type Windows } from './windows.ts'

// This also holds src/graph/routes/changes.ts and src/graph/routes/portal.ts.

const openWindows = windows()

/** A site that enforces, with these people, who have a mail each. */
async function enforcing(windows: Windows, version: string, ...users: string[]): Promise<void> {
  for (const user of users) {
    await windows.house.addUser(user, password)
    await windows.house.deliver(user, 'Figures')
  }
  await windows.apply(...phonesPolicy(version))
  await windows.enforce()
}

/** The link of the notice that the phone shows. */
function linkOf(phone: EasClient): string {
  const [link] = /https:\S+\/portal\/\?link=[\w-]+/.exec(onlyMail(phone).text) ?? []
  assert.ok(link, 'the notice has a link')
  return link
}

/** The card of a phone, by its heading. */
const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

/** State of the three steps of a card. */
const steps = (phone: Locator) => phone.locator('.step > .word').allTextContents()

const hasSteps = (phone: Locator, ...wanted: string[]) =>
  eventually(
    async () => (await steps(phone)).join() === wanted.join(),
    `the steps are not ${wanted.join(', ')}`,
    15_000,
  )

describe('the portal', () => {
  test('from the link of the notice to mail: confirm, see what is wrong, put it right', async (t) => {
    const clock = createMovedClock()
    const windows = await openWindows(t, { clock })
    await enforcing(windows, '18.0', 'alice')
    const { house, open, apply } = windows
    const phone = house.phone('alice', 'ALICE1')
    await settle(phone)
    const page = await open(linkOf(phone), { width: 390, height: 844 })
    await looksWell(page)
    await signIn(page, 'alice', 'wrong')
    await page.getByText('User name or password is wrong.').waitFor()
    await page.getByText(/^credentials\.refused · id [0-9a-f]{12}$/).waitFor()
    await guess(page)
    await looksWell(page)
    clock.move(15 * 60_000)
    await signIn(page, 'alice')

    await card(page, 'iPhone').getByText('ALICE1').waitFor()
    await hasSteps(card(page, 'iPhone'), 'To do', 'Waiting', 'Waiting')
    await card(page, 'iPhone').getByText('Mail is waiting', { exact: true }).waitFor()
    await looksWell(page)
    await page.getByRole('button', { name: 'Yes, it is mine' }).press('Enter')
    const mine = card(page, 'alice_iPhone')
    await hasSteps(mine, 'Done', 'To do', 'Done')
    const problem = mine.locator('.issue')
    await problem.getByText('The system is too old').waitFor()
    assert.deepEqual(await problem.locator('dd').allTextContents(), ['17.4', '18.0'])
    assert.equal(await problem.getByText('Install the latest').isVisible(), false)
    await problem.getByText('How to resolve this').press('Enter')
    await problem.getByText('Install the latest').waitFor()
    await looksWell(page)
    await mine.getByRole('button', { name: 'Check compliance' }).click()
    await mine.getByText('Checked just now: still not right.').waitFor()

    // The phone is updated and tells; the page follows without a reload.
    await settle(phone, '17.4')
    await phone.sendDeviceInformation(iPhone('18.1'))
    await hasSteps(mine, 'Done', 'Done', 'Done')
    await mine.getByText('All done: mail comes to this device.').waitFor()
    await mine.getByRole('button', { name: 'Check compliance' }).click()
    await mine.getByText('Checked just now: all is well.').waitFor()
    await looksWell(page)
    await settle(phone, '18.1')
    assert.deepEqual(subjects(phone), ['Figures'])
    // And falls out of health again.
    await apply(...phonesPolicy('19.0'))
    await hasSteps(mine, 'Done', 'To do', 'Done')
  })

  test('a German browser sees German from sign-in to mail; a language that its user chose comes first', async (t) => {
    const windows = await openWindows(t)
    await enforcing(windows, '18.0', 'alice')
    const { house, open } = windows
    const phone = house.phone('alice', 'ALICE1')
    await settle(phone)
    const look = { width: 390, height: 844, locale: 'de-DE' }
    const page = await open(linkOf(phone), look)
    await page.getByRole('heading', { name: 'Ihre Geräte für E-Mail' }).waitFor()
    assert.equal(await page.locator('html').getAttribute('lang'), 'de')
    await page.getByLabel('Benutzername oder E-Mail-Adresse').fill('alice')
    await page.getByLabel('Kennwort').fill('wrong')
    await page.keyboard.press('Enter')
    await page.getByText('Benutzername oder Kennwort ist falsch.').waitFor()
    await page.getByLabel('Kennwort').fill(password)
    await page.keyboard.press('Enter')
    await hasSteps(card(page, 'iPhone'), 'Zu tun', 'Wartet', 'Wartet')
    await looksWell(page)
    await page.getByRole('button', { name: 'Ja, es ist meines' }).press('Enter')
    const mine = card(page, 'alice_iPhone')
    await hasSteps(mine, 'Erledigt', 'Zu tun', 'Erledigt')
    await mine.getByText('Das System ist zu alt').waitFor()
    await looksWell(page)
    await settle(phone, '17.4')
    await phone.sendDeviceInformation(iPhone('18.1'))
    await hasSteps(mine, 'Erledigt', 'Erledigt', 'Erledigt')
    await mine.getByText('Alles erledigt: Auf dieses Gerät kommt E-Mail.').waitFor()

    await house.administrator.call('PATCH', '/users/alice', { preferredLanguage: 'en' })
    await page.reload()
    await mine.getByText('All done: mail comes to this device.').waitFor()
    assert.equal(await page.locator('html').getAttribute('lang'), 'en')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Anmelden' }).waitFor()
  })

  test('a phone of somebody who reads German shows its notice in German', async (t) => {
    const windows = await openWindows(t)
    await enforcing(windows, '18.0', 'alice')
    const { house } = windows
    await house.administrator.call('PATCH', '/users/alice', { preferredLanguage: 'de-AT' })
    const phone = house.phone('alice', 'ALICE1')
    await settle(phone)
    const { subject, text } = onlyMail(phone)
    assert.equal(subject, 'Ihre E-Mail wartet: Registrieren Sie dieses Gerät')
    assert.match(text, /Guten Tag alice,/)
  })

  test('where the policy asks for approval, the page says so and follows the answer', async (t) => {
    const windows = await openWindows(t)
    await enforcing(windows, '17.0', 'alice')
    const { house, as, apply, act } = windows
    await apply(...phonesPolicy('17.0', { requireApproval: true }))
    const phone = await knownPhone({ house }, 'alice', 'ALICE1')
    const page = await as('alice', '/portal/')
    const mine = card(page, 'alice_iPhone')
    await hasSteps(mine, 'Done', 'Done', 'Waiting')
    await mine.getByText('an administrator has to approve the device').waitFor()
    await looksWell(page)
    await act('ALICE1', 'allowAccess')
    await hasSteps(mine, 'Done', 'Done', 'Done')
    await settle(phone)
    assert.deepEqual(subjects(phone), ['Figures'])
  })

  test('a phone that is not mine is blocked from my mail at once', async (t) => {
    const windows = await openWindows(t)
    await enforcing(windows, '17.0', 'alice')
    const { house, as, row } = windows
    const thief = house.phone('alice', 'THIEF', { deviceType: 'Android' })
    await settle(thief)
    const page = await as('alice', '/portal/')
    const foreign = card(page, 'Android')
    const no = foreign.getByRole('button', { name: 'No, it is not mine' })
    await no.click()
    const question = page.getByRole('dialog', { name: 'Not your device?' })
    await question.getByText('change your password').waitFor()
    await looksWell(page)
    await page.keyboard.press('Escape')
    assert.equal(await question.count(), 0)
    assert.equal((await row('THIEF')).exchangeAccessState, 'quarantined')
    await no.click()
    await question.getByRole('button', { name: 'Block it' }).click()
    await foreign.getByText('You or an administrator blocked it.').waitFor()
    await looksWell(page)
    assert.equal((await thief.folderSync()).status, 129)
    const blocked = await row('THIEF')
    assert.equal(blocked.exchangeAccessStateReason, 'exchangeIndividualRule')
    // What its user confirmed is retired by an administrator, not disowned by whoever has the password.
    await knownPhone({ house }, 'alice', 'MINE')
    const person = await house.portal('alice')
    const { id } = await row('MINE')
    await assert.rejects(person.call('POST', `/me/clients/${id}/disown`, {}), /403/)
  })

  test('several phones: the one that the link is about first, healthy ones folded', async (t) => {
    const windows = await openWindows(t)
    await enforcing(windows, '17.0', 'alice')
    const { house, open } = windows
    await knownPhone({ house }, 'alice', 'OLD')
    const waiting = house.phone('alice', 'WAITING', { deviceType: 'iPad' })
    await settle(waiting)
    await settle(house.phone('alice', 'LATER', { deviceType: 'Android' }))
    const page = await open(linkOf(waiting))
    await signIn(page, 'alice')
    await eventually(
      async () =>
        (await page.getByRole('heading', { level: 2 }).allTextContents()).join() ===
        'iPad,Android,alice_iPhone',
      'the order of the cards',
    )
    assert.deepEqual(await steps(card(page, 'alice_iPhone')), [])
    await looksWell(page)
    await card(page, 'alice_iPhone').getByRole('button', { name: 'Show the steps' }).click()
    await hasSteps(card(page, 'alice_iPhone'), 'Done', 'Done', 'Done')
    await card(page, 'iPad').getByRole('button', { name: 'Yes, it is mine' }).click()
    await hasSteps(card(page, 'alice_iPad'), 'Done', 'Done', 'Done')
    assert.deepEqual(await steps(card(page, 'Android')), ['To do', 'Waiting', 'Waiting'])
  })

  test('F53 F54: a phone that was reset is bound to the device it was; only own ones can be chosen', async (t) => {
    const windows = await openWindows(t)
    await enforcing(windows, '17.0', 'alice', 'bob')
    const { house, as, row } = windows
    await knownPhone({ house }, 'alice', 'BEFORE')
    const reset = house.phone('alice', 'AFTER')
    await settle(reset)
    const page = await as('alice', '/portal/')
    const fresh = card(page, 'iPhone')
    await fresh.getByLabel('alice_iPhone').check()
    await fresh.getByRole('button', { name: 'Yes, it is mine' }).click()
    await eventually(
      async () => (await row('AFTER')).azureADDeviceId === (await row('BEFORE')).azureADDeviceId,
      'both are one device',
    )
    await settle(reset)
    assert.deepEqual(subjects(reset), ['Figures'])

    await settle(house.phone('bob', 'BOB1'))
    const bob = await house.portal('bob')
    const [{ id: bobs }, { azureADDeviceId: device, id: alices }] = [
      await row('BOB1'),
      await row('AFTER'),
    ]
    for (const [path, body] of [
      [`/me/clients/${bobs}/confirm`, { device }],
      [`/me/clients/${alices}/confirm`, {}],
      [`/me/clients/${alices}/check`, {}],
      [`/me/clients/${alices}/disown`, {}],
    ] as const)
      await assert.rejects(bob.call('POST', path, body), /404/, path)
    assert.equal((await row('BOB1')).easActivated, false)
    // F52: the same EAS DeviceId under another user is not bound a second time.
    await settle(house.phone('bob', 'AFTER', { deviceType: 'iPad' }))
    await assert.rejects(confirm(house, 'bob', 'AFTER'), /403/)
  })

  test('no phone yet: what to type into one; a link that is no good says so', async (t) => {
    const windows = await openWindows(t)
    await enforcing(windows, '17.0', 'alice', 'bob')
    const { house, open } = windows
    const bobs = house.phone('bob', 'BOB1')
    await settle(bobs)
    const page = await open(linkOf(bobs))
    await signIn(page, 'alice')
    await page.getByText('This link has expired, or it was sent to somebody else.').waitFor()
    await page.getByRole('heading', { name: 'No device yet' }).waitFor()
    assert.equal(await page.getByText('BOB1').count(), 0)
    const account = await page.locator('.account dd').allTextContents()
    assert.deepEqual(account.slice(0, 3), ['alice@example.org', new URL(house.url).host, 'alice'])
    await looksWell(page)
    // It comes by itself.
    await settle(house.phone('alice', 'ALICE1'))
    await hasSteps(card(page, 'iPhone'), 'To do', 'Waiting', 'Waiting')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('User name or mail address').waitFor()
  })

  test('F46: the mail about a device leads to the list of what is wrong with it', async (t) => {
    const { house, open, apply, post } = await openWindows(t)
    await house.addUser('alice', password)
    const [compliance, online] = phonesPolicy('17.0')
    assert.ok(compliance?.kind === 'compliancePolicy' && online)
    const actions = [{ type: 'notification' as const, gracePeriodHours: 0 }]
    await apply({ ...compliance, actions, gracePeriodHours: 24 }, online)
    for (const [id, version] of [
      ['ALICE1', '16.0'],
      ['ALICE2', '17.4'],
    ] as const) {
      const phone = house.phone('alice', id)
      await settle(phone, version)
      await confirm(house, 'alice', id)
    }
    const told = () => post.mails.find(({ text }) => text.includes('/portal/?device='))
    await eventually(() => told() !== undefined, 'the mail')
    const { subject = '', text = '' } = told() ?? {}
    assert.match(subject, /needs your attention/)
    const [link] = /https:\S+\/portal\/\?device=dev_\w+/.exec(text) ?? []
    const page = await open(link ?? assert.fail('no link'))
    await signIn(page, 'alice')
    const first = page.locator('section.client').first()
    await first.getByText('The system is too old').waitFor()
    assert.match((await first.getAttribute('class')) ?? '', /\basked\b/)
    assert.equal(await page.locator('section.client').count(), 2)
    await looksWell(page)
  })

  test('while the site observes, mail comes and the page tells what is to be', async (t) => {
    const windows = await openWindows(t)
    const { house, as, apply, enforce } = windows
    await house.addUser('alice', password)
    await settle(house.phone('alice', 'ALICE1'))
    const page = await as('alice', '/portal/')
    const mine = card(page, 'iPhone')
    await mine.getByText('Mail comes to this device.').waitFor()
    await apply(...phonesPolicy('17.0'))
    await mine.getByText('Mail still comes, but not for long.').waitFor()
    await looksWell(page)
    await enforce()
    await mine.getByText('Your mail is waiting: register this device.').waitFor()
    assert.equal(await mine.getByText('Gets mail').count(), 0)
  })

  test('what a phone says of itself breaks no page', async (t) => {
    const { house, as, apply, enforce } = await openWindows(t)
    await house.addUser('alice', password)
    const name = `A${'z'.repeat(300)}`
    await house.administrator.call('PATCH', '/users/alice', { displayName: name.slice(0, 200) })
    const phone = house.phone('alice', 'X'.repeat(32), {
      deviceType: 'Y'.repeat(32),
      userAgent: '<script>alert(1)</script>'.repeat(8),
    })
    await apply(...phonesPolicy('18.0'))
    await enforce()
    await settle(phone)
    await phone.sendDeviceInformation({ model: `<img src=x onerror=alert(1)>${name}`, os: name })
    const page = await as('root', '/console/')
    await page.getByRole('button', { name: 'alice_YYY' }).waitFor()
    await looksWell(page)
    await page.getByRole('button', { name: 'alice_YYY' }).click()
    await page.getByText('<img src=x onerror=alert(1)>').last().waitFor()
    await looksWell(page)
    const own = await as('alice', '/portal/')
    await own.getByRole('button', { name: 'Yes, it is mine' }).click()
    await own.getByText('The system is too old').waitFor()
    await looksWell(own)
  })
})

/** Wrong passwords until they are too many. */
async function guess(page: Page): Promise<void> {
  await eventually(
    async () => {
      await page.getByLabel('Password').fill(`wrong ${Math.random()}`)
      await page.keyboard.press('Enter')
      return page.getByText('Too many wrong passwords.').isVisible()
    },
    'guessing is slowed down',
    10_000,
  )
  await page.getByText(/^You can try again in \d+ s\.$/).waitFor()
}
