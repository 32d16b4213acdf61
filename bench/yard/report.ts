/** A table of a benchmark, for people and for programs. */
export interface Report {
  readonly title: string
  /** Column names; the first names the row. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
  /** What was held against a goal of `bench/README.md`. */
  readonly goals: readonly Goal[]
}

export interface Goal {
  readonly what: string
  readonly seen: number
  /** `seen` must not be above it, or not below it where `atLeast`. */
  readonly goal: number
  readonly atLeast?: boolean
}

/** Prints the report: a table, or with `--json` one JSON object. */
export function print(report: Report): void {
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(report))
    return
  }
  const lines = [report.columns, ...report.rows].map((row) => row.map(cell))
  const widths = report.columns.map((_, at) =>
    Math.max(...lines.map((row) => row[at]?.length ?? 0)),
  )
  console.log(report.title)
  for (const row of lines)
    console.log(
      row
        .map((text, at) => (at ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0)))
        .join('  '),
    )
  for (const { what, seen, goal, atLeast } of report.goals) {
    const reached = atLeast ? seen >= goal : seen <= goal
    console.log(
      `${reached ? 'reached' : 'missed '}  ${what}: ${cell(seen)}, goal ${atLeast ? '≥' : '≤'} ${goal}`,
    )
  }
}

function cell(value: string | number): string {
  if (typeof value === 'string') return value
  if (Number.isNaN(value)) return '-'
  return Number.isInteger(value) || value >= 100
    ? value.toFixed(0)
    : value.toFixed(value < 10 ? 2 : 1)
}

/** The value below which this share of the sorted values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const least = (values: readonly number[]): number => Math.min(...values)
