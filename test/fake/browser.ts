import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:tls'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/** A window of one person: a page with cookies and storage of its own. */
export interface Window {
  readonly page: Page
  readonly context: BrowserContext
}

/** Debian's Chromium without a screen. */
export interface PretendBrowser {
  /** Opens a window for a person who was never here before. */
  open(look?: Look): Promise<Window>
  /** What pages complained about so far: faults of scripts and refusals of the content policy. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/** How big the window is, and how its person likes colours. */
export interface Look {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
}

/** A site, and the CA that vouches for its certificate. */
interface Site {
  readonly url: string
  readonly authority: string
}

/** The key of the site's certificate, once that was checked against its CA: what Chromium takes in place of the CA. */
async function keyOf({ url, authority }: Site): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), ca: authority })
  await once(socket, 'secureConnect')
  const spki = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' })
  socket.destroy()
  if (!spki) throw new Error('the site has no certificate')
  return createHash('sha256').update(spki).digest('base64')
}

/** Starts it. It takes the certificate of this site, and no other that is not publicly known. */
export async function openBrowser(site: Site): Promise<PretendBrowser> {
  const browser: Browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      `--ignore-certificate-errors-spki-list=${await keyOf(site)}`,
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  const complaints: string[] = []
  return {
    complaints,
    async open({ width = 1280, height = 800, dark = false } = {}) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: dark ? 'dark' : 'light',
        locale: 'en-GB',
        acceptDownloads: true,
      })
      context.setDefaultTimeout(8000)
      const page = await context.newPage()
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (message) => {
        const text = message.text()
        // An answer that is no success is told there too, and is what some tests are about.
        if (message.type() === 'error' && !text.startsWith('Failed to load resource'))
          complaints.push(text)
      })
      return { page, context }
    },
    close: () => browser.close(),
  }
}
