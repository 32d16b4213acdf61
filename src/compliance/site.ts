import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { changesBetween, type Thing } from '../history/difference.ts'
import type { HistoryWriter } from '../history/history.ts'
import type { Database, Store, Tx } from '../store/store.ts'
import { defaultSiteCompliance, type SiteCompliance } from './judge.ts'
import type { Prepared } from './prepared.ts'
import { readPolicies, readSite, saveSite } from './records.ts'
import type { Foresee } from './shifts.ts'

/** What a site decides for all of its devices, kept. */
export interface SiteRules {
  current(): Promise<SiteCompliance>
  /** Judges every device again where anything differs. Throws `policy.invalid`. */
  change(change: Partial<SiteCompliance>, actor: string): Promise<SiteCompliance>
  /** The same in steps. Throws `policy.invalid`. */
  prepare(change: Partial<SiteCompliance>, actor: string): Promise<Prepared<SiteCompliance>>
}

/** The rules of the site, with defaults for what was never decided. */
export async function siteOf(db: Database): Promise<SiteCompliance> {
  return { ...defaultSiteCompliance, ...(await readSite(db)) }
}

/** Site rules over this store. */
export function createSiteRules(
  { db, transact, journal }: Store,
  history: HistoryWriter,
  foresee: Foresee,
): SiteRules {
  async function write(tx: Tx, change: Partial<SiteCompliance>, actor: string) {
    const before = await siteOf(tx)
    const site = { ...before, ...change }
    if (JSON.stringify(site) === JSON.stringify(before)) return before
    await saveSite(tx, site)
    await journal.append(tx, 'compliance.policies', { actor })
    const changes = changesBetween('complianceSite', [before], [site], thingOf)
    await history.append(tx, actor, changes)
    return site
  }

  const rulesNow = async (within: Database) => ({
    policies: await readPolicies(within),
    site: await siteOf(within),
  })

  return {
    current: () => siteOf(db),
    async change(change, actor) {
      check(change)
      return await transact((tx) => write(tx, change, actor))
    },
    async prepare(change, actor) {
      check(change)
      const before = await rulesNow(db)
      return {
        draft: change,
        shifts: () => foresee(before, { ...before, site: { ...before.site, ...change } }),
        async write(tx) {
          const isSame = JSON.stringify(await rulesNow(tx)) === JSON.stringify(before)
          return isSame ? await write(tx, change, actor) : undefined
        },
      }
    },
  }
}

const thingOf = (value: SiteCompliance): Thing => ({ id: 'site', name: '', value })

function check({ checkinThresholdDays: days }: Partial<SiteCompliance>): void {
  const { value: most } = limits.checkinThresholdDays
  if (days === undefined || (Number.isInteger(days) && days >= 1 && days <= most)) return
  throw new Failure('policy.invalid', `checkinThresholdDays: is no number from 1 to ${most}`)
}
