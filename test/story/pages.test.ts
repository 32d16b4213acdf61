import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { createMovedClock } from '../fake/moved-clock.ts'
import { eventually, knownPhone, phonesPolicy, settle, subjects } from './site.ts'
import { looksWell, password, signIn, windows } from './windows.ts'

const openWindows = windows()

/** Names in the first column, in their order. */
const names = (page: Page) => page.locator('td.name').allTextContents()

/** The text of a column of the row of this device. */
const cell = (page: Page, device: string, column: string) =>
  page.locator('tr', { hasText: device }).locator(`[data-label="${column}"]`)

const seesNames = (page: Page, ...wanted: string[]) =>
  eventually(
    async () => JSON.stringify(await names(page)) === JSON.stringify(wanted),
    `the list is not ${wanted.join(', ')}`,
  )

describe('the console', () => {
  test('the first administrator: by keyboard from the link to a page that says what to do', async (t) => {
    const { house, open } = await openWindows(t)
    const link = /https:\S+#first=\S+/.exec(house.welcome.join('\n'))?.[0] ?? ''
    const page = await open(link)
    await page.getByRole('heading', { name: 'Welcome to Postern' }).waitFor()
    await looksWell(page)
    // The first field has the focus, and the order of the fields is that of the page.
    for (const text of ['root', 'root@example.org', 'short']) {
      await page.keyboard.type(text)
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    assert.equal(await page.getByLabel('Password', { exact: true }).evaluate(isInvalid), true)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.keyboard.press('Enter')

    await page.getByRole('heading', { name: 'No device has come by yet' }).waitFor()
    assert.ok(!page.url().includes('first='), 'the token stays in no address')
    await page.getByText(new URL(house.url).host).first().waitFor()
    await page.getByText('postern user add').waitFor()
    await looksWell(page)
    // The page follows: a person is added in a terminal.
    await house.addUser('alice')
    await page.getByRole('heading', { name: 'Add the people Done' }).waitFor()

    const second = await open(link)
    await second.getByLabel('User name').fill('mallory')
    await second.getByLabel('Mail address').fill('mallory@example.org')
    await second.getByLabel('Password', { exact: true }).fill(password)
    await second.keyboard.press('Enter')
    await second.getByText('This link was used or has expired.').waitFor()
    await second.getByText(/^credentials\.refused · id [0-9a-f]{12}$/).waitFor()
  })

  test('devices come by themselves; sorted, searched, chosen columns kept', async (t) => {
    const { house, as } = await openWindows(t)
    for (const user of ['alice', 'bob', 'chloe']) await house.addUser(user)
    const page = await as('root', '/console/')
    await page.getByText('No device has come by yet').waitFor()
    await settle(house.phone('bob', 'BOB1', { deviceType: 'SamsungDevice' }))
    await seesNames(page, 'bob_SamsungDevice')
    await settle(house.phone('alice', 'ALICE1'))
    await settle(house.phone('chloe', 'CHLOE1', { deviceType: 'iPad' }))
    const all = ['alice_iPhone', 'bob_SamsungDevice', 'chloe_iPad']
    await seesNames(page, ...all)
    assert.equal(await cell(page, 'alice', 'Exchange Access\u00A0State').textContent(), 'Allowed')
    assert.match(
      (await cell(page, 'alice', 'Last Success\u00A0Sync').textContent()) ?? '',
      /\d\d:\d\d/,
    )
    await looksWell(page)

    await page.getByRole('button', { name: 'Name' }).click()
    await seesNames(page, ...all.toReversed())
    assert.equal(
      await page.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort'),
      'descending',
    )
    await page.getByLabel('Search devices').fill('ipad')
    await seesNames(page, 'chloe_iPad')
    await page.getByText('1 device of 3').waitFor()

    await page.locator('summary', { hasText: 'Columns' }).click()
    await page.getByLabel('EAS device ID').check()
    await page.getByLabel('Model', { exact: true }).uncheck()
    await page.keyboard.press('Escape')
    assert.equal(await page.getByLabel('EAS device ID').isVisible(), false)
    // What is looked at stands in the address, what is shown in the browser.
    await page.reload()
    await seesNames(page, 'chloe_iPad')
    assert.equal(await cell(page, 'chloe', 'EAS device ID').textContent(), 'CHLOE1')
    assert.equal(await cell(page, 'chloe', 'Model').count(), 0)
    await page.getByLabel('Search devices').fill('nobody')
    await page.getByText('No device matches.').waitFor()
    await page.getByRole('button', { name: 'Show all' }).click()
    await eventually(async () => (await names(page)).length === 3, 'all are shown again')
  })

  test('the exported file: every row, quoted, and no formula that a phone could plant', async (t) => {
    const { house, as } = await openWindows(t)
    await house.addUser('alice')
    const evil = '=HYPERLINK("http://x","y"), z'
    const phone = house.phone('alice', 'ALICE1')
    await settle(phone)
    await phone.sendDeviceInformation({ model: evil, os: 'iOS "17", beta' })
    await settle(house.phone('alice', 'ALICE2', { deviceType: 'iPad' }))
    const page = await as('root', '/console/')
    await eventually(async () => (await names(page)).length === 2, 'both are there')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ])
    assert.equal(download.suggestedFilename(), 'devices.csv')
    const text = await readFile(await download.path(), 'utf8')
    const [head = '', ...rows] = text.split('\r\n')
    assert.ok(head.startsWith('\uFEFFName,Primary user,Exchange Access State,'))
    assert.equal(rows.length, 3)
    assert.equal(rows[2], '', 'the last line ends too')
    const row = rows.find((one) => one.includes('HYPERLINK')) ?? ''
    assert.ok(row.includes(`,"'=HYPERLINK(""http://x"",""y""), z"`), row)
    assert.ok(row.includes(',"iOS ""17"", beta'), row)
    assert.match(row, /,20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,/, 'times are in UTC')
  })

  test('details say why; allow, block, reset and retire reach the phone', async (t) => {
    const { house, as, apply, enforce } = await openWindows(t)
    await house.addUser('alice')
    await house.deliver('alice', 'Figures')
    await apply(...phonesPolicy('17.0', { requireApproval: true }))
    await enforce()
    const phone = await knownPhone({ house }, 'alice', 'ALICE1')
    const page = await as('root', '/console/')
    await page.getByRole('button', { name: /Waiting for approval/ }).click()
    await page.getByRole('button', { name: 'alice_iPhone' }).press('Enter')
    const panel = page.getByRole('complementary', { name: 'alice_iPhone' })
    await panel.getByText('Approval pending · exchangeOnline').waitFor()
    await panel.getByText('Step by step').click()
    await panel.getByText('no administrator approved the client').waitFor()
    await panel.getByText('ALICE1').waitFor()
    await looksWell(page)

    await panel.getByRole('button', { name: 'Allow' }).click()
    await panel.getByText('an administrator approved the client').waitFor()
    await settle(phone)
    assert.deepEqual(subjects(phone), ['Figures'])
    await panel.getByRole('button', { name: 'Block', exact: true }).click()
    await panel.locator('.states').getByText('Blocked').waitFor()
    assert.equal((await phone.folderSync()).status, 129)
    await panel.getByRole('button', { name: 'Reset' }).click()
    await panel.locator('.states').getByText('Approval pending').waitFor()

    await panel.getByRole('button', { name: 'Retire…' }).click()
    const question = page.getByRole('dialog', { name: 'Retire alice_iPhone?' })
    await question.waitFor()
    await looksWell(page)
    assert.equal(await focused(page), 'Cancel')
    await page.keyboard.press('Escape')
    assert.equal(await question.count(), 0)
    assert.equal(await focused(page), 'Retire…', 'back to where it was asked')
    await page.keyboard.press('Enter')
    await question.getByRole('button', { name: 'Retire' }).click()
    await panel.locator('.states').getByText('Not enrolled').waitFor()
    assert.equal(await panel.getByRole('button', { name: 'Retire…' }).count(), 0)
    await page.keyboard.press('Escape')
    assert.equal(await panel.count(), 0)
  })

  test('enforcing: who would lose mail, by name, for a group first; another administrator sees it', async (t) => {
    const { house, as, apply, group } = await openWindows(t)
    for (const user of ['alice', 'bob']) {
      await house.addUser(user)
      await house.deliver(user, 'Figures')
    }
    await group('Pilot', 'alice')
    await apply(...phonesPolicy('17.0'))
    const alice = house.phone('alice', 'ALICE1')
    const bob = house.phone('bob', 'BOB1')
    for (const phone of [alice, bob]) await settle(phone)
    const page = await as('root', '/console/')
    const other = await as('root', '/console/')
    await page.getByText('Enforcing now would end mail on 2 of 2 devices.').waitFor()
    await page.getByRole('button', { name: 'Begin enforcing…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Begin enforcing' })
    const losing = dialog.getByRole('region', { name: 'Devices that lose mail' })
    await losing.getByText('bob_iPhone').waitFor()
    await losing.getByText('alice_iPhone').waitFor()
    await looksWell(page)
    await page.keyboard.press('Escape')
    assert.equal(await dialog.count(), 0)
    await other.getByText('Observing.').waitFor()

    await page.keyboard.press('Enter')
    await dialog.getByLabel('Members of these groups first').check()
    await dialog.getByText('Choose a group.').waitFor()
    await dialog.getByLabel('Pilot').check()
    await dialog.getByText('1 device of 2').waitFor()
    assert.equal(await losing.getByText('bob_iPhone').count(), 0)
    await dialog
      .getByRole('button', { name: 'Enforce for these groups: 1 device loses mail' })
      .click()
    for (const window of [page, other]) await window.getByText('Enforcing for Pilot.').waitFor()
    await settle(alice)
    assert.notDeepEqual(subjects(alice), ['Figures'])
    await settle(bob)
    assert.deepEqual(subjects(bob), ['Figures'])
    await eventually(
      async () =>
        (await cell(other, 'alice', 'Exchange Access\u00A0State').textContent()) === 'Quarantined',
      'the other administrator sees it',
    )

    await other.getByRole('button', { name: 'Change or stop…' }).click()
    await other.getByLabel('Nobody: only observe').check()
    await other.getByRole('region', { name: 'Devices that get mail again' }).waitFor()
    await looksWell(other)
    await other.getByRole('button', { name: 'Stop enforcing' }).click()
    for (const window of [page, other]) await window.getByText('Observing.').waitFor()
    await settle(alice)
    assert.deepEqual(subjects(alice), ['Figures'])
  })

  test('a session that ends leaves the page where it was; sign-out leaves nothing', async (t) => {
    const clock = createMovedClock()
    const { house, as } = await openWindows(t, { clock })
    await house.addUser('alice')
    await settle(house.phone('alice', 'ALICE1'))
    const page = await as('root', '/console/')
    await page.getByLabel('Search devices').fill('alice')
    await page.getByRole('button', { name: 'alice_iPhone' }).click()
    await page.getByRole('heading', { name: 'Decisions' }).waitFor()
    // News keeps coming, which is no sign of life of the person.
    clock.move(40 * 60_000)
    await settle(house.phone('alice', 'ALICE2', { deviceType: 'iPad' }))
    await seesNames(page, 'alice_iPad', 'alice_iPhone')
    clock.move(21 * 60_000)
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    assert.equal(await dialog.count(), 1, 'it cannot be waved away')
    await looksWell(page)
    await dialog.getByLabel('Password').fill('wrong')
    await page.keyboard.press('Enter')
    await dialog.getByText('User name or password is wrong.').waitFor()
    await dialog.getByLabel('Password').fill(password)
    await page.keyboard.press('Enter')
    await eventually(async () => (await dialog.count()) === 0, 'signed in again')
    assert.equal(await page.getByLabel('Search devices').inputValue(), 'alice')
    await page.getByRole('heading', { name: 'Decisions' }).waitFor()
    await page.getByRole('button', { name: 'Block', exact: true }).click()
    await page.locator('.states').getByText('Individual permission').waitFor()
    await settle(house.phone('alice', 'ALICE3', { deviceType: 'Android' }))
    await eventually(async () => (await names(page)).length === 3, 'it is live again')

    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('User name or mail address').waitFor()
    await page.goBack()
    await page.getByLabel('User name or mail address').waitFor()
    assert.equal(await page.getByText('alice_iPhone').count(), 0)
  })

  test('who is no administrator is shown the way to the portal', async (t) => {
    const { house, open } = await openWindows(t)
    await house.addUser('alice', password)
    const page = await open('/console/')
    await looksWell(page)
    await signIn(page, 'alice')
    await page.getByRole('heading', { name: 'Administrators only' }).waitFor()
    await looksWell(page)
    await page.getByRole('link', { name: 'Open the portal' }).click()
    await page.getByRole('heading', { name: 'No device yet' }).waitFor()
  })

  test('a fault is told with its code and id, and the server that is gone too', async (t) => {
    const { house, as } = await openWindows(t)
    await house.addUser('alice')
    await settle(house.phone('alice', 'ALICE1'))
    const page = await as('root', '/console/')
    await page.getByRole('button', { name: 'alice_iPhone' }).click()
    await page.getByRole('heading', { name: 'Decisions' }).waitFor()
    const { value } = await house.administrator.call<{ value: { id: string }[] }>(
      'GET',
      '/deviceManagement/managedDevices',
    )
    await page.route('**/blockAccess', (route) =>
      route.continue({
        url: route
          .request()
          .url()
          .replace(value[0]?.id ?? '', 'prt_0'),
      }),
    )
    await page.getByRole('button', { name: 'Block', exact: true }).click()
    await page.getByText(/^not\.found · id [0-9a-f]{12}$/).waitFor()
    await looksWell(page)
    await page.unroute('**/blockAccess')
    await page.route('**/v1.0/**', (route) => route.abort())
    await page.getByRole('button', { name: 'Block', exact: true }).click()
    await page.getByText('The server does not answer.').first().waitFor()
    await page.unroute('**/v1.0/**')
    await page.getByRole('button', { name: 'Block', exact: true }).click()
    await page.getByText('Put into the blocked list').waitFor()
    assert.deepEqual(await page.getByRole('alert').allTextContents(), [])
  })
})

const isInvalid = (element: Element) => element.matches(':invalid')

/** The text of what has the focus. */
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent)
