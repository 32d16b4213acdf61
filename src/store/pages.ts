import { endTurn } from '../base/clock.ts'
import { limits } from '../base/limits.ts'

/**
 * Reads rows page by page, in the order of a key that no two of them share, and lets others have their turn in between.
 * Those that come or go meanwhile may be among them or not; all others are, once.
 */
export async function readPages<Row, Key>(
  keyOf: (row: Row) => Key,
  read: (after: Key | undefined, limit: number) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const limit = limits.rowsPerTurn.value
  const rows: Row[] = []
  for (let after: Key | undefined; ; ) {
    const page = await read(after, limit)
    rows.push(...page)
    const last = page.at(-1)
    if (last === undefined || page.length < limit) return rows
    after = keyOf(last)
    await endTurn()
  }
}
