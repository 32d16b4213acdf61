import { type Atom, isTrue, keyOf } from '../atom.ts'
import type { SignInDevice } from '../sign-in.ts'
import { Kept } from './kept.ts'
import { type Material, nobody, sideOf } from './material.ts'
import { demandedBy, facetOf } from './regular.ts'
import type { Row } from './side.ts'

/** One device to all policies. */
export interface DeviceKind {
  /** The policies whose condition on the device is met. */
  readonly row: Row
  /** Which of the demands on devices are met: a number below `demands`. */
  readonly demand: number
}

export interface DeviceKinds {
  readonly demands: number
  of(device: SignInDevice | undefined): DeviceKind
}

/** Devices are known again by being the same object; those that answer alike are one kind. */
export function createDevices(material: Material): DeviceKinds {
  const { policies, places } = material
  const side = sideOf(material, 'device')
  const all = policies.flatMap(({ prepared }) => demandedBy(prepared))
  const onDevices = all.filter(({ kind }) => facetOf[kind] === 'device')
  const demanded = [...new Map(onDevices.map((atom) => [keyOf(atom), atom])).values()]
  let seen = new WeakMap<SignInDevice, DeviceKind>()
  const kinds = new Kept<string, DeviceKind>(() => {
    seen = new WeakMap()
  })
  const meet = (device: SignInDevice | undefined): DeviceKind => {
    const signIn = { ...nobody, device }
    const is = (atom: Atom) => isTrue(atom, signIn, places)
    const met = [...side.atoms.entries()].flatMap(([place, atom]) => (is(atom) ? [place] : []))
    const demand = demanded.reduce((sum, atom, bit) => sum + (is(atom) ? 1 << bit : 0), 0)
    const name = `${demand} ${met.join()}`
    const known = kinds.get(name)
    if (known) return known
    const held = new Set(met)
    const row = side.rowOf((place) => held.has(place))
    return kinds.put(name, { row, demand }, row.length)
  }
  const none = meet(undefined)
  return {
    demands: 1 << demanded.length,
    of(device) {
      if (device === undefined) return none
      const known = seen.get(device)
      if (known) return known
      const kind = meet(device)
      seen.set(device, kind)
      return kind
    },
  }
}
