import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { phonesPolicy } from './site.ts'
import { looksWell, windows } from './windows.ts'

const openWindows = windows()

describe('the history in the console', () => {
  test('who changed what, when, and what was before; the page follows', async (t) => {
    const site = await openWindows(t)
    const page = await site.as('root', '/console/')
    await page.getByRole('link', { name: 'Records' }).click()
    await page.getByRole('link', { name: 'History' }).click()
    await page.getByRole('heading', { name: 'History' }).waitFor()
    await site.apply(...phonesPolicy('17.0'))
    await page.getByRole('row', { name: /Add device compliance policy/ }).waitFor()
    await site.apply(...phonesPolicy('18.0'))
    const change = page.getByRole('row', { name: /Update device compliance policy Phones/ })
    await change.waitFor()
    await looksWell(page)

    await page.getByLabel('Search changes').fill('update device compliance')
    await page
      .getByRole('row', { name: /Add device compliance policy/ })
      .waitFor({ state: 'detached' })
    // What is looked at stands in the address.
    await page.reload()
    await change.getByRole('button').click()
    const panel = page.locator('.details')
    await panel.locator('del', { hasText: '17.0' }).waitFor()
    await panel.locator('ins', { hasText: '18.0' }).waitFor()
    await looksWell(page)
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ])
    const lines = (await readFile(await download.path(), 'utf8')).split('\r\n')
    assert.match(lines[0] ?? '', /Time,Who,What,Name,Properties$/)
    assert.match(lines[1] ?? '', /,Update device compliance policy,Phones,/)
    assert.equal(lines.length, 3)

    await page.getByLabel('Search changes').fill('nobody at all')
    await page.getByText('No change matches.').waitFor()
  })

  test('a change that is not there is told with an id', async (t) => {
    const { as } = await openWindows(t)
    const page = await as('root', '/console/?view=history&entry=999999')
    await page.getByText('No audit 999999.').waitFor()
    await page.getByText(/^not\.found · id [0-9a-f]{12}$/).waitFor()
    await looksWell(page)
  })
})
