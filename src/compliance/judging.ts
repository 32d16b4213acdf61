import type { Instant } from '../base/clock.ts'
import type { Device, DeviceId } from '../devices/devices.ts'
import type { Store, Tx } from '../store/store.ts'
import type { SavedVerdict } from './compliance.ts'
import type { Subject } from './judge.ts'
import { createKeeping } from './keeping.ts'
import type { PackedDevice } from './packed/fleet.ts'
import { readVerdicts } from './records.ts'
import { subjectOf, type World } from './world.ts'

/** What came out of judging devices. */
export interface Judged {
  /** Without those that are gone. */
  readonly verdicts: ReadonlyMap<DeviceId, SavedVerdict>
  /** The same for the next change of policies. */
  readonly packed: readonly PackedDevice[]
}

/**
 * Judges devices as they are in this transaction and keeps what came out. The world must hold in it: so no verdict is ever
 * kept that was made from what was old by then, whoever else judges the same device.
 */
export async function judgeWithin(
  { store, tx }: { readonly store: Store; readonly tx: Tx },
  devices: ReadonlyMap<DeviceId, Device | undefined>,
  world: World,
  { now, touch = false }: { readonly now: Instant; readonly touch?: boolean },
): Promise<Judged> {
  // An empty list is no SQL of PostgreSQL.
  if (devices.size === 0) return { verdicts: new Map(), packed: [] }
  const before = new Map(
    (await readVerdicts(tx, [...devices.keys()])).map((one) => [one.device, one]),
  )
  const keeping = createKeeping(store, tx)
  const verdicts = new Map<DeviceId, SavedVerdict>()
  const packed: PackedDevice[] = []
  for (const [id, device] of devices) {
    const saved = before.get(id)
    if (device && device.retiredAt === undefined) {
      const subject = subjectOf(device, world, saved)
      const judgement = world.judge(subject, now)
      const outcome = { device, saved, judgement, policies: world.policies, now, touch }
      const verdict = await keeping.keep(outcome)
      verdicts.set(id, verdict)
      packed.push(packedOf(device, subject, world, verdict))
    } else if (saved) await keeping.drop(saved)
  }
  await keeping.write()
  return { verdicts, packed }
}

function packedOf(
  { id, owner }: Device,
  subject: Subject,
  { hasMemberships }: World,
  judgement: SavedVerdict,
): PackedDevice {
  const { judgedAt } = judgement
  return { id, owner, subject, hasMemberships, judgement, judgedAt }
}
