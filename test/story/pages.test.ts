import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { eventually, phonesPolicy, settle } from './site.ts'
import { cell, looksWell, names, password, seesNames, signIn, windows } from './windows.ts'

const openWindows = windows()

describe('the pages of the console', () => {
  test('the first administrator: by keyboard from the link to a page that says what to do', async (t) => {
    const { house, open, apply } = await openWindows(t)
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
    const healthy = 'Say what a healthy device is'
    await page.getByRole('heading', { name: healthy, exact: true }).waitFor()
    await apply(...phonesPolicy('17.0'))
    await page.getByRole('heading', { name: `${healthy} Done` }).waitFor()

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
