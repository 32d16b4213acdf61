import type { Page } from 'playwright-core'

/** What is wrong with how a page looks and reads, in words; nothing when all is well. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const faults: string[] = []
    const root = document.querySelector('dialog[open]') ?? document.body
    if (document.documentElement.scrollWidth > innerWidth)
      faults.push(`${document.documentElement.scrollWidth} px wide in a window of ${innerWidth}`)

    const isSeen = (element: Element) => {
      const box = element.getBoundingClientRect()
      return element.checkVisibility() && box.width > 1 && box.height > 1
    }
    const say = (element: Element) =>
      `${element.tagName.toLowerCase()} ${(element.textContent || element.outerHTML).trim().slice(0, 60)}`

    // A screen reader has a name for whatever can be used.
    for (const field of root.querySelectorAll<
      HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement
    >('input, select, textarea')) {
      const named = field.getAttribute('aria-label') ?? field.labels?.[0]?.textContent
      if (isSeen(field) && !named?.trim()) faults.push(`no label: ${say(field)}`)
    }
    for (const button of root.querySelectorAll('button, a[href], summary'))
      if (isSeen(button) && !button.textContent?.trim()) faults.push(`no name: ${say(button)}`)
    if (document.querySelectorAll('h1').length === 0) faults.push('no heading')

    // WCAG 2.2, 1.4.3: text against what lies under it.
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
    const known = new Map<string, number[]>()
    const colour = (text: string) => {
      let bytes = known.get(text)
      if (!bytes && canvas) {
        canvas.clearRect(0, 0, 1, 1)
        canvas.fillStyle = text
        canvas.fillRect(0, 0, 1, 1)
        bytes = [...canvas.getImageData(0, 0, 1, 1).data]
        known.set(text, bytes)
      }
      return bytes ?? [0, 0, 0, 0]
    }
    const light = ([r = 0, g = 0, b = 0]: number[]) => {
      const part = (byte: number) => {
        const share = byte / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      }
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
    }
    const under = (element: Element | null): number[] => {
      if (!element) return colour('white')
      const own = colour(getComputedStyle(element).backgroundColor)
      return (own[3] ?? 0) > 250 ? own : under(element.parentElement)
    }
    for (const element of root.querySelectorAll('*')) {
      const own = [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
      )
      // What cannot be used now may be faint.
      if (!own || !isSeen(element) || element.closest(':disabled')) continue
      const text = light(colour(getComputedStyle(element).color))
      const ground = light(under(element))
      const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)
      if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(1)}: ${say(element)}`)
    }
    return faults
  })
}

/** The same for each way in which people look at it: on a desk and on a phone, light and dark. */
export async function faultsInEveryLook(page: Page): Promise<readonly string[]> {
  const before = page.viewportSize()
  const found: string[] = []
  for (const [width, height] of [
    [1280, 800],
    [390, 844],
  ] as const)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme })
      found.push(...(await faultsOf(page)).map((fault) => `${width} ${colorScheme}: ${fault}`))
    }
  if (before) await page.setViewportSize(before)
  await page.emulateMedia({ colorScheme: 'light' })
  return found
}
