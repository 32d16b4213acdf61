/** A piece of a message, laid out as text and as HTML alike. */
export type Piece =
  | { readonly kind: 'title' | 'heading' | 'paragraph' | 'small'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly url: string }
  | { readonly kind: 'rows'; readonly rows: readonly (readonly [label: string, value: string])[] }
  | {
      readonly kind: 'image'
      readonly type: string
      readonly base64: string
      readonly text: string
    }

/** Both forms of one message. */
export interface Laid {
  readonly text: string
  readonly html: string
}

/**
 * Text that a device or a person claims, as one short harmless line. Without line breaks it cannot forge a paragraph,
 * without format characters it cannot turn the line around, and a broken `://` is no link for a mail app to offer.
 */
export function tame(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\s]+/gu, ' ')
    .replaceAll('://', ': //')
    .trim()
  return line.length > 128 ? `${[...line].slice(0, 127).join('')}…` : line
}

/** Lays the pieces out. The HTML loads nothing, runs nothing and needs no style sheet; every text in it is escaped. */
export function layOut(title: string, pieces: readonly Piece[], language: string): Laid {
  const body = pieces.map(asHtml).join('\n')
  const written = pieces.map(asText).filter((text) => text)
  return {
    text: `${written.join('\n\n')}\n`,
    html: `<!doctype html>
<html lang="${escape(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${escape(title)}</title></head>
<body style="margin:0;padding:16px;max-width:36em;font:16px/1.5 -apple-system,Roboto,Arial,sans-serif">
${body}
</body></html>
`,
  }
}

function asText(piece: Piece): string {
  switch (piece.kind) {
    case 'link':
      return `${piece.text}:\n${safeUrl(piece.url)}`
    case 'rows':
      return piece.rows.map(([label, value]) => `${label}: ${value}`).join('\n')
    case 'image':
      return ''
    case 'heading':
      return `${piece.text}\n${'-'.repeat(Math.min(60, piece.text.length))}`
    default:
      return piece.text
  }
}

function asHtml(piece: Piece): string {
  switch (piece.kind) {
    case 'title':
      return `<h1 style="font-size:22px;line-height:1.25;margin:0 0 12px">${escape(piece.text)}</h1>`
    case 'heading':
      return `<h2 style="font-size:16px;margin:24px 0 6px">${escape(piece.text)}</h2>`
    case 'paragraph':
      return `<p style="margin:0 0 12px">${escape(piece.text)}</p>`
    case 'image':
      // In the message itself: nothing is ever fetched to read it.
      return `<p style="margin:0 0 12px"><img alt="${escape(piece.text)}" src="data:${escape(piece.type)};base64,${escape(piece.base64)}" style="max-height:64px"></p>`
    case 'small':
      return `<p style="margin:16px 0 0;font-size:13px;opacity:.75">${escape(piece.text)}</p>`
    case 'link':
      return `<p style="margin:20px 0"><a href="${escape(safeUrl(piece.url))}" style="display:block;padding:14px 18px;border-radius:8px;background:#0b57d0;color:#fff;font-size:18px;font-weight:bold;text-align:center;text-decoration:none">${escape(piece.text)} &rarr;</a></p>`
    default:
      return `<table style="border-collapse:collapse;font-size:14px">${piece.rows
        .map(
          ([label, value]) =>
            `<tr><td style="padding:2px 12px 2px 0;vertical-align:top;opacity:.75">${escape(label)}</td><td style="padding:2px 0;word-break:break-word">${escape(value)}</td></tr>`,
        )
        .join('')}</table>`
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => entities[letter] ?? letter)
}

/** Our own links only ever are http or https; anything else would run in the reader. */
function safeUrl(url: string): string {
  const { protocol, href } = new URL(url)
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new TypeError(`not a web address: ${protocol}`)
  return href
}
