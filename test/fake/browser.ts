import { once } from 'node:events'
import { connect } from 'node:tls'
import { chromium, type Page } from 'playwright-core'

/** A site, and the CA that vouches for its certificate. */
interface Site {
  readonly url: string
  readonly authority: string
}

/** Debian's Chromium without a screen. */
export interface PretendBrowser {
  /** Opens a window for a person who was never here before. */
  open(site: Site, look?: Look): Promise<Page>
  /** What pages complained about since the last call: faults of scripts, refusals of the content policy. */
  complaints(): readonly string[]
  close(): Promise<void>
}

/** How big the window is, and how its person likes colours. */
export interface Look {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
  /** What its person reads, as a BCP 47 tag. */
  readonly locale?: string
}

/** Throws when the site's certificate is not of its CA. */
async function checkCertificate({ url, authority }: Site): Promise<void> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), ca: authority })
  await once(socket, 'secureConnect')
  socket.destroy()
}

/** Starts it with an empty folder of its own. */
export async function openBrowser(): Promise<PretendBrowser> {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
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
  let complaints: string[] = []
  const listen = (page: Page) => {
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      const text = message.text()
      // An answer that is no success is told there too, and is what some tests are about.
      if (message.type() === 'error' && !text.startsWith('Failed to load resource'))
        complaints.push(text)
    })
  }
  return {
    async open(site, { width = 1280, height = 800, dark = false, locale = 'en-GB' } = {}) {
      // Chromium takes another CA only from the machine it runs on, so it is checked here in its place.
      await checkCertificate(site)
      const context = await browser.newContext({
        ignoreHTTPSErrors: true,
        viewport: { width, height },
        colorScheme: dark ? 'dark' : 'light',
        locale,
      })
      context.setDefaultTimeout(15_000)
      const page = await context.newPage()
      listen(page)
      return page
    },
    complaints() {
      const told = complaints
      complaints = []
      return told
    },
    close: () => browser.close(),
  }
}
