import { Failure } from '../base/failures.ts'

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** The moment that a flag means, in ISO 8601: a moment itself, or how long ago. Throws `request.malformed`. */
export function momentOf(text: string, now: number): string {
  const [, number, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  const at = number
    ? now - Number(number) * units[unit as keyof typeof units] // one of them, by the expression
    : Date.parse(text)
  if (Number.isNaN(at)) throw new Failure('request.malformed', `${text} is no time`)
  return new Date(at).toISOString()
}

/** How many a flag asks for. Throws `request.malformed`. */
export function countOf(text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (count < 1) throw new Failure('request.malformed', `${text} is no number of entries`)
  return count
}
