import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { createMovedClock } from '../fake/moved-clock.ts'
import { eventually, knownPhone, phonesPolicy, settle, subjects } from './site.ts'
import { cell, looksWell, names, password, seesNames, windows } from './windows.ts'

const openWindows = windows()

describe('what an administrator does in the console', () => {
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
    await seesNames(page, 'alice_iPhone')
    await page.getByRole('button', { name: 'alice_iPhone' }).click()
    await page.getByRole('heading', { name: 'Decisions' }).waitFor()
    // What the person did last has been asked for.
    await page.locator('.history li').first().waitFor()
    // News keeps coming, which is no sign of life of the person.
    clock.move(40 * 60_000)
    await settle(house.phone('alice', 'ALICE2', { deviceType: 'iPad' }))
    await seesNames(page, 'alice_iPad', 'alice_iPhone')
    clock.move(21 * 60_000)
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
    // The page learns of it by its own clock.
    await dialog.waitFor({ timeout: 60_000 })
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
})

/** The text of what has the focus. */
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent)
