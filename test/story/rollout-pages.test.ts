import { describe, test } from 'node:test'
import { knownPhone, phonesPolicy, settle } from './site.ts'
import { looksWell, seesNames, windows } from './windows.ts'

const openWindows = windows()

describe('rollout in the console', () => {
  test('F89 a group grows: who is next and who would lose mail, a wave, and back again', async (t) => {
    const site = await openWindows(t)
    const { house } = site
    for (const user of ['alice', 'bob']) await house.addUser(user)
    await site.group('Staff', 'alice', 'bob')
    await house.administrator.call('POST', '/groups', { displayName: 'Pilot' })
    await site.apply(...phonesPolicy('17.0'))
    await site.enforce()
    await knownPhone(site, 'alice', 'ALICE1')
    await site.enforce('Pilot')
    await settle(house.phone('bob', 'BOB1'))

    const page = await site.as('root', '/console/')
    await page.getByRole('link', { name: 'Access', exact: true }).click()
    await page.getByRole('link', { name: 'Rollout' }).click()
    await page.getByText('No rollout yet.').waitFor()
    await looksWell(page)
    await page.getByRole('button', { name: 'New rollout…' }).click()
    await page.getByLabel('Group that grows').selectOption('Pilot')
    await page.getByLabel('Out of').selectOption('Staff')
    await page.getByLabel('Users each day').fill('1, many')
    await page.getByRole('button', { name: 'Start' }).click()
    await page.getByText(/^request\.malformed · id [0-9a-f]{12}$/).waitFor()
    await looksWell(page)
    await page.getByLabel('Users each day').fill('1')
    await page.getByRole('button', { name: 'Start' }).click()
    const panel = page.locator('.details')
    await panel.getByText('0 users moved, 2 left, of whom 1 would lose mail now.').waitFor()
    await panel.getByText('Reached through it: enforcement.').waitFor()
    await looksWell(page)
    await panel.getByRole('button', { name: 'Next wave now' }).click()
    await panel.getByText('1 user moved, 1 left').waitFor()
    await panel.getByRole('region', { name: 'Newly blocked' }).getByText('BOB1').waitFor()
    await panel.getByRole('button', { name: 'Take the last wave back' }).click()
    await panel.getByText('0 users moved, 2 left').waitFor()
    await panel.getByText('Paused', { exact: true }).waitFor()
    await panel.getByRole('button', { name: 'Stop for good' }).click()
    await panel.getByText('Stopped', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await seesNames(page, 'Pilot')
  })
})
