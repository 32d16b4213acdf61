import type { DeviceClass } from './policy-set.ts'

/** Numbers of classes of devices, given as they come. */
export interface Classes {
  numberOf(one: DeviceClass): number
  of(number: number): DeviceClass
  /** All, in the order of their numbers. */
  all(): readonly DeviceClass[]
}

/** No classes yet. */
export function createClasses(): Classes {
  const known: DeviceClass[] = []
  const numbers = new Map<string, number>()
  return {
    numberOf(one) {
      const { edition, forced, management, memberships } = one
      const key = JSON.stringify([
        edition,
        forced,
        management,
        memberships && [...memberships].sort(),
      ])
      const number = numbers.get(key)
      if (number !== undefined) return number
      numbers.set(key, known.length)
      known.push(one)
      return known.length - 1
    },
    of(number) {
      const one = known[number]
      if (!one) throw new Error(`bug: no class ${number}`)
      return one
    },
    all: () => known,
  }
}
