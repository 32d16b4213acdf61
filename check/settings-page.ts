import { type CatalogueEntry, rulesCatalogue } from '../src/compliance/catalogue.ts'

/** Columns and rows of the page of compliance settings. */
export const settingsTable = {
  heads: ['setting', 'demands', 'values', 'platforms', 'fact: where it comes from', 'in Graph'],
  rows: (): readonly (readonly string[])[] =>
    rulesCatalogue().map((entry) => [
      `\`${entry.name}\``,
      entry.title,
      values(entry),
      platforms(entry),
      facts(entry),
      properties(entry),
    ]),
}

function values({ value, default: unset }: CatalogueEntry): string {
  const standing = unset === 'notConfigured' ? '' : `; default ${unset}`
  switch (value.kind) {
    case 'flag':
      return `on${standing}`
    case 'count':
      return `${value.least} to ${value.most.toLocaleString('en-US')} ${value.unit}${standing}`
    case 'choice':
      return value.choices.map((choice) => `\`${choice}\``).join(', ')
    default:
      return value.kind
  }
}

function platforms({ classes }: CatalogueEntry): string {
  const ofClass = (wanted: string) =>
    Object.entries(classes).flatMap(([edition, own]) => (own === wanted ? [edition] : []))
  return ['remediated', 'quarantined']
    .flatMap((name) => (ofClass(name).length > 0 ? [`${name}: ${ofClass(name).join(', ')}`] : []))
    .join('; ')
}

function facts({ facts: read }: CatalogueEntry): string {
  return read
    .map(({ name, sources }) => {
      const { report: _, ...others } = sources
      const told = Object.entries(others).map(([channel, source]) => `${channel} ${source}`)
      return `\`${name}\`: ${['report', ...told].join('; ')}`
    })
    .join('<br>')
}

function properties({ properties: byType, origin }: CatalogueEntry): string {
  const names = new Map<string, string[]>()
  for (const [type, property] of Object.entries(byType)) {
    const short = type.replace(/CompliancePolicy$/, '')
    names.set(property, [...(names.get(property) ?? []), short])
  }
  if (names.size === 0) return origin
  return [...names].map(([name, types]) => `\`${name}\` (${types.join(', ')})`).join('<br>')
}
