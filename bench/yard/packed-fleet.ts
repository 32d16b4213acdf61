import { createJudge, defaultSiteCompliance } from '../../src/compliance/judge.ts'
import { createFleet } from '../../src/compliance/packed/fleet.ts'
import type { CompliancePolicy } from '../../src/compliance/policy.ts'
import type { FleetDevice } from './fleet.ts'
import { least } from './report.ts'

const moment = 1_800_000_000_000
const rounds = 8

/**
 * Milliseconds of processor time for the pass over all devices, each judged before, after a change of every check of every policy: the grace
 * period, which each finding rests on. Beside them a plain loop that looks for failed settings once. Throws where both
 * differ on whom the change touches.
 */
export function measurePacked(
  devices: readonly FleetDevice[],
  policies: readonly CompliancePolicy[],
  plainLoop: () => (device: FleetDevice) => number,
): { readonly ms: number; readonly plainMs: number } {
  const fleet = createFleet()
  const judge = createJudge(policies, defaultSiteCompliance)
  const graced = (gracePeriodHours: number) =>
    fleet.rules(
      policies.map((policy) => ({ ...policy, gracePeriodHours })),
      defaultSiteCompliance,
    )
  const now = graced(0)
  for (const [at, { policy, subject }] of devices.entries()) {
    const judgement = judge(subject, moment)
    const device = { id: `dev_${at}`, owner: `usr_${policy}`, subject, judgement }
    fleet.put({ ...device, hasMemberships: true, judgedAt: moment }, now)
  }
  const times: number[] = []
  let touched = 0
  for (let round = 1; round <= rounds; round++) {
    const rules = graced(round)
    const ms = used(() => {
      touched += fleet.follow(rules)
    })
    // In the first round there are all who fail; later ones look at everybody else.
    if (round > 1) times.push(ms)
  }
  const plain: number[] = []
  let failing = 0
  for (let round = 0; round < 2; round++) {
    const fails = plainLoop()
    failing = 0
    plain.push(
      used(() => {
        for (const device of devices) if (fails(device) > 0) failing += 1
      }),
    )
  }
  if (touched !== failing) throw new Error(`packed: ${touched} touched, the loop: ${failing}`)
  for (const [at, device] of devices.entries())
    if (fleet.holds(`dev_${at}`, moment) !== (judge(device.subject, moment).findings.length === 0))
      throw new Error(`packed: device ${at} differs`)
  return { ms: least(times), plainMs: least(plain) }
}

/** On a busy machine it says more than the time that passes. */
function used(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
