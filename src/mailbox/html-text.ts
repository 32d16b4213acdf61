// Plain text from HTML and back, for clients that read only one of the two. The HTML is a stranger's: it is never
// rendered here, and every pattern is linear in its length.

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

const breaks = /^(?:br|p|div|tr|li|h[1-6]|table|ul|ol|blockquote|hr)$/

/** The text of an HTML body: tags dropped, blocks on lines of their own, links followed by their address. */
export function htmlToText(html: string): string {
  const pieces: string[] = []
  let at = 0
  let skipped: string | undefined
  let link = ''
  while (at < html.length) {
    const open = html.indexOf('<', at)
    if (skipped === undefined) pieces.push(decode(html.slice(at, open < 0 ? undefined : open)))
    if (open < 0) break
    const close = html.startsWith('<!--', open)
      ? html.indexOf('-->', open + 4) + 2
      : html.indexOf('>', open)
    if (close <= open) break
    const tag = html.slice(open + 1, close)
    const name = /^\/?[a-z][a-z0-9]*/i.exec(tag.slice(0, 20))?.[0].toLowerCase() ?? ''
    at = close + 1
    if (skipped !== undefined) {
      if (name === `/${skipped}`) skipped = undefined
    } else if (name === 'style' || name === 'script' || name === 'title') skipped = name
    else if (name === 'a') link = hrefOf(tag)
    else if (name === '/a') {
      if (link && pieces.at(-1)?.trim() !== link) pieces.push(` <${link}>`)
      link = ''
    } else if (breaks.test(name.replace('/', ''))) pieces.push('\n')
  }
  return tidyLines(pieces.join(''))
}

const hrefOf = (tag: string) => decode(/\bhref\s*=\s*["']?(https?:[^"'\s>]+)/i.exec(tag)?.[1] ?? '')

// Line by line: a pattern over the whole text would be quadratic on a body that is all blanks.
function tidyLines(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/\s+/g, ' ').trim())
  return lines
    .filter((line, index) => line !== '' || lines[index - 1] !== '')
    .join('\n')
    .trim()
}

/** A text as HTML: the same characters, and nothing of it taken as a tag. */
export function textToHtml(text: string): string {
  const safe = text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  return `<html><body>${safe.replace(/\r?\n/g, '<br>\n')}</body></html>`
}

function decode(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/&(#x?[0-9a-f]{1,6}|[a-z]{2,5});/gi, (whole, name) => {
    const key = String(name).toLowerCase()
    if (!key.startsWith('#')) return entities[key] ?? whole
    const code = key.startsWith('#x') ? Number.parseInt(key.slice(2), 16) : Number(key.slice(1))
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
