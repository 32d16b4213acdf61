import type { ValueType } from '../rules/rule.ts'
import { isObject, saysNothing, stripped } from './json.ts'

/** WSL's distributions have words of their own in Graph. */
const distributionWords = [
  ['name', 'distribution'],
  ['minimumVersion', 'minimumOSVersion'],
  ['maximumVersion', 'maximumOSVersion'],
] as const

/** A value of Graph's in our form; `undefined` where it stands for not configured. */
export function fromGraph(type: ValueType, value: unknown): unknown {
  if (saysNothing(value)) return undefined
  switch (type.kind) {
    case 'choice':
      // `notSet` is what older policies hold for `unavailable`.
      return value === type.unset || value === 'notSet' ? undefined : value
    case 'apps':
    case 'ranges':
      return stripped(value)
    case 'distributions':
      return renamed(stripped(value), ([ours, theirs]) => [theirs, ours])
    default:
      return value
  }
}

/** A value of ours in Graph's form. */
export function toGraph(type: ValueType, value: unknown): unknown {
  return type.kind === 'distributions' ? renamed(value, (words) => words) : value
}

type Words = (typeof distributionWords)[number]

function renamed(value: unknown, order: (words: Words) => readonly [string, string]): unknown {
  if (!Array.isArray(value)) return value
  const names = new Map(distributionWords.map(order))
  return value.map((item: unknown) =>
    isObject(item)
      ? Object.fromEntries(Object.entries(item).map(([key, each]) => [names.get(key) ?? key, each]))
      : item,
  )
}
