import { writeFile } from 'node:fs/promises'
import { failureKinds } from '../src/base/failures.ts'
import { limits } from '../src/base/limits.ts'
import { settingsTable } from './settings-page.ts'

/** The pages that are generated from code, by path. */
export function generatedPages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/failures.md', failuresPage()],
    ['docs/limits.md', limitsPage()],
    ['docs/compliance-settings.md', settingsPage()],
  ])
}

function failuresPage(): string {
  const rows = Object.entries(failureKinds).map(([code, { status, summary, hint }]) =>
    row([`\`${code}\``, String(status), summary, hint]),
  )
  return page(
    'Failures',
    'Every failure that Postern reports carries one of these codes and an id that stands in the log too. The status is what an HTTP answer carries.',
    'src/base/failures.ts',
    ['code', 'status', 'what happened', 'what to do'],
    rows,
  )
}

function limitsPage(): string {
  const rows = Object.entries(limits).map(([name, { value, unit, why }]) =>
    row([`\`${name}\``, value.toLocaleString('en-US'), unit, why]),
  )
  return page(
    'Limits',
    'Every limit of Postern, and why it is this one. Input past a limit is refused with `limit.exceeded`.',
    'src/base/limits.ts',
    ['limit', 'value', 'unit', 'why'],
    rows,
  )
}

function settingsPage(): string {
  return page(
    'Compliance settings',
    'Every setting that a compliance policy can have; what is not named is not evaluated. On platforms where a setting is *remediated*, management forces it on the device and it cannot stay unmet; where it is *quarantined*, or where nobody manages the device, an unmet setting makes the device noncompliant. So does a fact that was never reported, unless the policy says `notReported: compliant`. The signed report (`report`) can tell every fact. `postern policy rules --json` prints the same for programs.',
    'src/compliance/rules/registry.ts',
    settingsTable.heads,
    settingsTable.rows().map(row),
  )
}

function page(
  title: string,
  lead: string,
  from: string,
  heads: readonly string[],
  rows: readonly string[],
): string {
  return [
    `# ${title}`,
    '',
    `Written by \`npm run docs\` from \`${from}\`; edit that file.`,
    '',
    lead,
    '',
    row(heads),
    row(heads.map(() => '---')),
    ...rows,
    '',
  ].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

if (import.meta.main) {
  for (const [path, text] of generatedPages()) {
    await writeFile(new URL(`../${path}`, import.meta.url), text)
  }
}
