import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { rollbackHeader } from '../../src/graph/draft-contract.ts'
import { actorHeader } from '../../src/graph/history-contract.ts'
import { hold, knownPhone, settle } from './site.ts'
import { cell, looksWell, seesNames, type Windows, windows } from './windows.ts'

// This also holds src/graph/routes/conditional-overview.ts.

const openWindows = windows()

const path = '/identity/conditionalAccess/policies'

const policy = (displayName: string, control: string, state: string, conditions: object = {}) => ({
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

const add = ({ house }: Windows, ...policies: readonly object[]) =>
  Promise.all(policies.map((one) => house.administrator.call('POST', path, one)))

/** Alice's phone is known; Bob's is not. */
async function openTwo(t: TestContext) {
  const site = await openWindows(t)
  for (const user of ['alice', 'bob']) await site.house.addUser(user)
  await add(site, policy('Known phones', 'compliantDevice', 'enabledForReportingButNotEnforced'))
  await site.enforce()
  const alice = await knownPhone(site, 'alice', 'ALICE1')
  await settle(site.house.phone('bob', 'BOB1'))
  return { ...site, alice }
}

const choose = (page: Page, name: string) => page.getByRole('radio', { name, exact: true }).check()

describe('the pages of conditional access', () => {
  test('a policy is switched on only after it was shown whom that blocks, by name', async (t) => {
    const site = await openTwo(t)
    const page = await site.as('root', '/console/')
    await page.getByRole('link', { name: 'Access', exact: true }).click()
    await seesNames(page, 'Known phones')
    assert.equal(await cell(page, 'Known phones', 'For').textContent(), 'everyone')
    assert.equal(await cell(page, 'Known phones', 'Asks for').textContent(), 'a compliant device')
    await looksWell(page)

    // With the keyboard alone.
    await page.locator('td.name button').first().focus()
    await page.keyboard.press('Enter')
    await choose(page, 'On')
    const blocked = page.getByRole('region', { name: 'Newly blocked' })
    await blocked.getByText('BOB1').waitFor()
    assert.equal(await blocked.getByText('ALICE1').count(), 0)
    await page.getByText('1 newly blocked').waitFor()
    await looksWell(page)
    const held = await hold(site.alice)
    await page.getByRole('button', { name: 'Switch to On' }).click()
    await page.getByRole('cell', { name: 'On', exact: true }).waitFor()
    assert.equal(held.over, 0)
    const bob = site.house.phone('bob', 'BOB1')
    await bob.folderSync()
    assert.equal((await site.row('BOB1')).exchangeAccessStateReason, 'notEnrolled')
    await page.keyboard.press('Escape')
    await page.locator('.details').waitFor({ state: 'detached' })
  })

  test('what would lock people out is refused, and done only when that very consequence is confirmed', async (t) => {
    const site = await openTwo(t)
    await site.house.administrator.call('PUT', '/postern/lockout', {
      breakGlassUsers: ['alice'],
      breakGlassGroups: [],
      mostPercent: 100,
      leastClients: 1,
    })
    await add(site, policy('Nobody', 'block', 'disabled'))
    const page = await site.as('root', '/console/?view=access')
    await page.getByRole('button', { name: 'Nobody' }).click()
    await choose(page, 'On')
    await page.getByText('Accounts for emergencies would lose mail: alice.').waitFor()
    await page.getByRole('button', { name: 'Switch to On' }).click()
    await page.getByText(/^policy\.lockout · id [0-9a-f]{12}$/).waitFor()
    await looksWell(page)
    assert.equal(await cell(page, 'Nobody', 'State').textContent(), 'Off')
    await page.getByRole('button', { name: 'Lock them out all the same' }).click()
    await page.getByRole('row', { name: /^Nobody On/ }).waitFor()
    assert.equal((await site.row('ALICE1')).exchangeAccessState, 'blocked')
  })

  test('a change that waits to be confirmed is told with its hour, and kept at a word', async (t) => {
    const site = await openWindows(t)
    const { call } = site.house.administrator
    const page = await site.as('root', '/console/?view=access')
    await page.getByText('No conditional access policy yet.').waitFor()
    const banner = page.getByRole('region', { name: 'A change to be confirmed' })
    assert.equal(await banner.count(), 0)
    await call('POST', path, policy('Known phones', 'compliantDevice', 'disabled'), {
      [actorHeader]: 'ann',
      [rollbackHeader]: '600',
    })
    // The page follows.
    await banner.getByText('local:ann changed the policies on').waitFor()
    assert.equal(await banner.locator('time').count(), 2)
    await looksWell(page)
    await banner.getByRole('button', { name: 'Keep the change' }).click()
    await banner.waitFor({ state: 'detached' })
    assert.deepEqual(await call('GET', '/postern/policies/unconfirmed'), { value: [] })
    await seesNames(page, 'Known phones')
  })

  test('holes in plain words, policies that change nothing, and what is not understood', async (t) => {
    const site = await openWindows(t)
    const page = await site.as('root', '/console/?view=access')
    await page.getByText('No conditional access policy yet.').waitFor()
    await looksWell(page)
    await add(
      site,
      policy('Known phones', 'compliantDevice', 'enabled', {
        clientAppTypes: ['exchangeActiveSync', 'mobileAppsAndDesktopClients', 'other'],
      }),
      policy('Proof in browsers', 'mfa', 'enabled', { clientAppTypes: ['browser'] }),
      policy('Proof on Linux', 'mfa', 'enabled', {
        clientAppTypes: ['browser'],
        platforms: { includePlatforms: ['linux'] },
      }),
      policy('Moon', 'block', 'enabled', { moonPhases: ['full'] }),
    )
    // The page follows.
    await seesNames(page, 'Known phones', 'Proof in browsers', 'Proof on Linux', 'Moon')
    assert.match((await cell(page, 'Moon', 'Not understood').textContent()) ?? '', /moonPhases/)
    await page.getByRole('button', { name: 'Moon' }).click()
    await page.getByRole('heading', { name: /^Not understood/ }).waitFor()
    await choose(page, 'Off')
    await page.getByRole('button', { name: 'Switch to Off' }).click()
    await page.getByRole('row', { name: /^Moon Off/ }).waitFor()
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Holes' }).click()
    await page.getByText('in 3 policies that are on.').waitFor()
    const hole = page.getByRole('row', { name: /Hole Browser/ }).first()
    await hole.getByText('a second factor').waitFor()
    await page.getByRole('cell', { name: 'Refused anyway by Proof in browsers' }).waitFor()
    await looksWell(page)
    // Once it is closed nothing is left to tell.
    await add(site, policy('Nobody', 'block', 'enabled'))
    await page.getByText('No hole', { exact: true }).waitFor()
  })
})
