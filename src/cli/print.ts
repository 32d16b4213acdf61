/** A cell: what people read. */
export type Cell = string | number | boolean | null | undefined

/** Rows under a head, columns aligned; wide cells are kept whole, since output is also piped. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [head, ...rows.map((row) => row.map(plain))]
  const widths = head.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Control characters of a client's own naming must not reach a terminal. */
function plain(cell: Cell): string {
  if (cell === true) return 'yes'
  if (cell === false) return 'no'
  return String(cell ?? '').replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')
}

/** ISO time without what nobody reads. */
export const shortTime = (iso: string | null): string =>
  iso ? iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z') : ''

/** Comma-separated values (RFC 4180); a cell that a spreadsheet would run as a formula is marked as text. */
export function csv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cell = (value: Cell) => {
    const text = String(value ?? '').replace(/^[=+\-@\t\r]/, "'$&")
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')
}
