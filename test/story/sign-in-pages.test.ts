import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import type { SignInBody } from '../../src/graph/audit-contract.ts'
import { eventually, knownPhone, settle } from './site.ts'
import { looksWell, windows } from './windows.ts'

const openWindows = windows()

/** Alice's phone is known and well; Bob's is not known. A policy watches, and changes nothing. */
async function openTwo(t: TestContext) {
  const site = await openWindows(t)
  for (const user of ['alice', 'bob']) await site.house.addUser(user)
  await site.apply(
    {
      kind: 'compliancePolicy',
      name: 'Phones',
      platform: 'all',
      settings: { osMinimumVersion: '17.0' },
    },
    { kind: 'exchangeOnline', enabled: true },
  )
  await site.house.administrator.call('POST', '/identity/conditionalAccess/policies', {
    displayName: 'No mail for anybody',
    state: 'enabledForReportingButNotEnforced',
    conditions: {
      users: { includeUsers: ['All'] },
      applications: { includeApplications: ['All'] },
      clientAppTypes: ['exchangeActiveSync'],
    },
    grantControls: { operator: 'OR', builtInControls: ['block'] },
  })
  await site.enforce()
  await knownPhone(site, 'alice', 'ALICE1', { os: '17.4' })
  await settle(site.house.phone('bob', 'BOB1'))
  return site
}

const column = (page: Page, name: string) =>
  page.locator(`td[data-label="${name}"]`).allTextContents()

const seesUsers = (page: Page, ...wanted: string[]) =>
  eventually(
    async () => JSON.stringify([...new Set(await column(page, 'User'))]) === JSON.stringify(wanted),
    `the log is not of ${wanted.join(', ')}`,
    15_000,
  )

describe('the sign-in log', () => {
  test('F84 sought by user, result and time; an entry says why, by which policy, and what would let it in', async (t) => {
    const site = await openTwo(t)
    const page = await site.as('root', '/console/')
    await page.getByRole('link', { name: 'Records' }).click()
    await page.getByRole('heading', { name: 'Sign-in log' }).waitFor()
    await seesUsers(page, 'bob', 'alice')
    await looksWell(page)

    await page.getByLabel('Search sign-ins').fill('bob')
    await seesUsers(page, 'bob')
    await page.getByRole('button', { name: 'Quarantined' }).click()
    await page.getByLabel('Time').selectOption('Last hour')
    await seesUsers(page, 'bob')
    // What is looked at stands in the address.
    await page.reload()
    await seesUsers(page, 'bob')
    assert.deepEqual([...new Set(await column(page, 'Result'))], ['Quarantined'])
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export JSON' }).click(),
    ])
    const saved = JSON.parse(await readFile(await download.path(), 'utf8')) as SignInBody[]
    assert.deepEqual(
      [...new Set(saved.map((row) => `${row.userPrincipalName} ${row.postern.outcome}`))],
      ['bob quarantine'],
    )

    // With the keyboard alone: into the entry, and back to where one was.
    await page.locator('td.name button').first().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /^bob, / }).waitFor()
    const panel = page.locator('.details')
    await panel.getByText('Report-only: would refuse').waitFor()
    await panel.getByRole('heading', { name: 'What would let it in' }).waitFor()
    await panel.getByText(/confirm that the device is yours/).waitFor()
    await looksWell(page)
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    assert.equal(await page.evaluate('document.activeElement.matches("td.name button")'), true)

    await page.getByRole('button', { name: 'Asked to sign in' }).click()
    await page.getByText('No sign-in matches.').waitFor()
    await looksWell(page)
  })

  test('F84 pages lead on by the links of the server; the log follows what happens', async (t) => {
    const site = await openTwo(t)
    // Each change of mind is an entry.
    for (let round = 0; round < 60; round++) {
      await site.act('ALICE1', 'blockAccess')
      await site.act('ALICE1', 'resetAccess')
    }
    const page = await site.as('root', '/console/?view=log')
    await page.getByText('100 shown, the newest').waitFor()
    const newest = await column(page, 'Reason')
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByRole('button', { name: 'Newer' }).waitFor()
    await eventually(async () => (await column(page, 'User')).includes('bob'), 'the oldest', 15_000)
    await page.getByRole('button', { name: 'Newer' }).click()
    await eventually(
      async () => JSON.stringify(await column(page, 'Reason')) === JSON.stringify(newest),
      'the newest again',
      15_000,
    )
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ])
    const lines = (await readFile(await download.path(), 'utf8')).split('\r\n')
    assert.match(lines[0] ?? '', /Time,User,Device,From,Result,Reason,Policies,EAS device ID/)
    assert.ok(lines.length > 120, `${lines.length} lines`)

    await settle(site.house.phone('bob', 'BOB2'))
    await eventually(
      async () => (await column(page, 'User'))[0] === 'bob',
      'the page follows',
      15_000,
    )
    await page.locator('td.name button').first().click()
    await page.getByRole('button', { name: 'All of this client' }).click()
    await seesUsers(page, 'bob')
    await page.getByRole('button', { name: /^One client only/ }).click()
    await seesUsers(page, 'bob', 'alice')
  })

  test('a new site has an empty log, and an entry that is gone is told with an id', async (t) => {
    const { as } = await openWindows(t)
    const page = await as('root', '/console/?view=log')
    await page.getByText('No sign-in yet.').waitFor()
    await looksWell(page)
    await page.goto(page.url().replace(/\?.*/, '?view=log&entry=999'))
    await page.getByText('No sign-in 999.').waitFor()
    await page.getByText(/^not\.found · id [0-9a-f]{12}$/).waitFor()
    await looksWell(page)
  })
})
