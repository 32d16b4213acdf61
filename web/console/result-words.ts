import type { Tone } from './words.ts'

type Word = readonly [word: string, tone: Tone]

const resultWords: Readonly<Record<string, Word>> = {
  success: ['Met', 'good'],
  failure: ['Refused', 'bad'],
  interrupted: ['Needs more', 'warn'],
  notApplied: ['Does not apply', ''],
  notEnabled: ['Off', ''],
  reportOnlySuccess: ['Report-only: would be met', 'good'],
  reportOnlyFailure: ['Report-only: would refuse', 'warn'],
  reportOnlyInterrupted: ['Report-only: would need more', 'warn'],
  reportOnlyNotApplied: ['Report-only: does not apply', ''],
}

/** What a conditional access policy said of an attempt (Graph's `appliedConditionalAccessPolicyResult`). */
export const resultWord = (result: string): Word => resultWords[result] ?? [result, '']
