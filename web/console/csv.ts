/**
 * One cell after RFC 4180. A leading `=`, `+`, `-` or `@` would run as a formula in a spreadsheet, and a client chooses its
 * own model name: such cells get an apostrophe.
 */
function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Spreadsheets take a file for their own old alphabet unless it begins with this. */
const byteOrderMark = '\uFEFF'

/** Offers a table as a CSV file to save. */
export function saveCsv(
  name: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const lines = [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`)
  save(name, new Blob([byteOrderMark, ...lines], { type: 'text/csv' }))
}

/** Offers rows as a JSON file to save. */
export function saveJson(name: string, rows: readonly unknown[]): void {
  save(name, new Blob([`${JSON.stringify(rows, undefined, 2)}\n`], { type: 'application/json' }))
}

function save(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
