import assert from 'node:assert/strict'
import { after, before, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { type Look, openBrowser, type PretendBrowser } from '../fake/browser.ts'
import { faultsInEveryLook } from '../fake/looks.ts'
import type { World } from '../../src/postern.ts'
import { eventually, openSite, type Site } from './site.ts'

/** A site with people who look at its pages. */
export interface Windows extends Site {
  /** A new window of somebody who is not signed in; the page has a heading by then. */
  open(path: string, look?: Look): Promise<Page>
  /** A window of this person, signed in; `root` administers. */
  as(name: string, path: string, look?: Look): Promise<Page>
}

/** Everybody's password here. */
export const password = 'correct horse battery'

/** One browser for the tests of a file. */
export function windows(): (t: TestContext, world?: World) => Promise<Windows> {
  let browser: PretendBrowser | undefined
  before(async () => {
    browser = await openBrowser()
  })
  after(() => browser?.close())
  return async (t, world = {}) => {
    const site = await openSite(t, {}, world)
    assert.ok(browser)
    return openWindows(t, site, browser)
  }
}

/** At the end no page may have complained. */
async function openWindows(t: TestContext, site: Site, browser: PretendBrowser): Promise<Windows> {
  const { house } = site
  const opened: Page[] = []
  t.after(async () => {
    for (const page of opened) await page.context().close()
    assert.deepEqual(browser.complaints(), [])
  })
  const open = async (path: string, look?: Look) => {
    const page = await browser.open(house, look)
    opened.push(page)
    await page.goto(new URL(path, house.url).href)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    return page
  }
  return {
    ...site,
    open,
    async as(name, path, look) {
      if (name === 'root') await addRoot(site)
      const page = await open(path, look)
      await signIn(page, name)
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
      return page
    },
  }
}

const rooted = new WeakSet<Site>()

async function addRoot(site: Site): Promise<void> {
  if (rooted.has(site)) return
  rooted.add(site)
  await site.house.administrator.call('POST', '/users', {
    userPrincipalName: 'root',
    mail: 'root@example.org',
    password,
    role: 'administrator',
  })
}

/** Fills the form in and presses Enter. */
export async function signIn(page: Page, name: string, typed = password): Promise<void> {
  await page.getByLabel('User name or mail address').fill(name)
  await page.getByLabel('Password').fill(typed)
  await page.keyboard.press('Enter')
}

/** Nothing overlaps the window, everything has a name, and every text can be read, in each look. */
export async function looksWell(page: Page): Promise<void> {
  assert.deepEqual(await faultsInEveryLook(page), [])
}

/** Names in the first column of the devices page, in their order. */
export const names = (page: Page) => page.locator('td.name').allTextContents()

/** The text of a column of the row of this device. */
export const cell = (page: Page, device: string, column: string) =>
  page.locator('tr', { hasText: device }).locator(`[data-label="${column}"]`)

/** A page that is being left shows nothing any more; whatever else goes wrong does. */
function passOver(thrown: unknown): undefined {
  if (!(thrown instanceof Error && thrown.message.includes('context was destroyed'))) throw thrown
}

/** Waits until the devices page lists these, in this order. */
export const seesNames = (page: Page, ...wanted: string[]) =>
  eventually(
    async () => {
      const seen = await names(page).catch(passOver)
      return JSON.stringify(seen) === JSON.stringify(wanted)
    },
    `the list is not ${wanted.join(', ')}`,
    15_000,
  )
