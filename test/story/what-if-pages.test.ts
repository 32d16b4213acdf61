import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { knownPhone, settle } from './site.ts'
import { cell, looksWell, seesNames, windows } from './windows.ts'

const openWindows = windows()

const policy = (displayName: string, control: string, conditions: object, state = 'enabled') => ({
  displayName,
  state,
  conditions: {
    users: { includeUsers: ['All'] },
    applications: { includeApplications: ['All'] },
    clientAppTypes: ['all'],
    ...conditions,
  },
  grantControls: { operator: 'OR', builtInControls: [control] },
})

/** Alice has a phone that is well, and one that nobody knows. */
async function openAlice(t: TestContext) {
  const site = await openWindows(t)
  await site.house.addUser('alice')
  const path = '/identity/conditionalAccess/policies'
  for (const one of [
    policy('Known phones', 'compliantDevice', { clientAppTypes: ['exchangeActiveSync'] }),
    policy('Proof in browsers', 'mfa', { clientAppTypes: ['browser'] }),
    policy('Nobody', 'block', {}, 'disabled'),
  ])
    await site.house.administrator.call('POST', path, one)
  await site.enforce()
  await knownPhone(site, 'alice', 'ALICE1', { os: '17.4' })
  await settle(site.house.phone('alice', 'ALICE2'))
  return site
}

const outcome = (page: Page) => page.getByRole('status').filter({ hasText: /Let in|Needs|Refused/ })

describe('What If', () => {
  test('who would get in, by which policy, and the first condition that is not met', async (t) => {
    const { as } = await openAlice(t)
    const page = await as('root', '/console/')
    await page.getByRole('link', { name: 'Access', exact: true }).click()
    await page.getByRole('link', { name: 'What if' }).click()
    await page.getByText('Name a user').waitFor()
    await looksWell(page)
    await page.getByLabel('User').fill('alice')
    await page.keyboard.press('Enter')
    await seesNames(page, 'Known phones', 'Proof in browsers', 'Nobody')
    await outcome(page).getByText('Missing: a compliant device.').waitFor()
    assert.equal(
      await cell(page, 'Proof in browsers', 'Why').textContent(),
      'It is for other client apps',
    )
    assert.equal(await cell(page, 'Nobody', 'Why').textContent(), 'It is off')
    await looksWell(page)

    await page.getByLabel('Device').selectOption('alice_iPhone')
    await outcome(page).getByText('No policy stands in the way.').waitFor()
    assert.equal(await page.getByLabel('Platform').inputValue(), 'iOS')
    // What the gate itself says of this phone stands beside it.
    await page.getByRole('heading', { name: 'alice_iPhone as it is, at the gate' }).waitFor()

    await page.getByLabel('Client app').selectOption('Browser')
    await outcome(page).getByText('Let in after: a second factor.').waitFor()
    // What is asked stands in the address.
    await page.reload()
    await outcome(page).getByText('Let in after: a second factor.').waitFor()
    await page.getByLabel('A second factor was given').check()
    await outcome(page).getByText('No policy stands in the way.').waitFor()
    await page.getByRole('columnheader', { name: 'Policy' }).getByRole('button').click()
    await seesNames(page, 'Known phones', 'Nobody', 'Proof in browsers')

    await page.getByRole('button', { name: 'Known phones' }).click()
    await page.locator('.details').getByText('Client apps: not met').waitFor()
    await looksWell(page)
    await page.keyboard.press('Escape')

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ])
    const lines = (await readFile(await download.path(), 'utf8')).split('\r\n')
    assert.equal(lines[1], 'Known phones,On,No,Does not apply,It is for other client apps')
  })

  test('a user whom nobody knows, and a device that is gone', async (t) => {
    const { as } = await openAlice(t)
    const page = await as('root', '/console/?view=what-if&user=mallory')
    await page.getByText('No user mallory.').waitFor()
    await page.getByText(/^not\.found · id [0-9a-f]{12}$/).waitFor()
    await looksWell(page)
    await page.goto(page.url().replace(/\?.*/, '?view=what-if&user=alice&device=prt_gone'))
    await page.getByText('This device is not in the list any more.').waitFor()
    await page.getByLabel('Device').selectOption('Any compliant device')
    await outcome(page).getByText('No policy stands in the way.').waitFor()
  })
})
