import type { Pause } from './kept.ts'

/** A message to an administrator, before it is laid out. */
export interface Letter {
  readonly subject: string
  readonly locale: string
  readonly passages: readonly {
    readonly kind: 'title' | 'paragraph' | 'small'
    readonly text: string
  }[]
}

/** Tells that a rollout has paused, why, and how it goes on. */
export function composePause(target: string, pause: Pause): Letter {
  return compose(`The rollout to ${target} has paused`, [
    sayPause(pause),
    `Nobody else is moved until somebody goes on: postern rollout show "${target}" tells who was and who would be refused, postern rollout resume "${target}" goes on, and postern rollout back "${target}" takes the last wave out of the group.`,
  ])
}

/** Tells that after the last wave too many are refused, and what can be done. */
export function composeRefusals(target: string, pause: Pause): Letter {
  return compose(`The rollout to ${target} is done, and too many are refused`, [
    sayPause(pause),
    `Nobody is left to be moved, so nothing was paused: postern rollout show "${target}" tells who was refused, and postern rollout back "${target}" takes the last wave out of the group.`,
  ])
}

const compose = (subject: string, paragraphs: readonly string[]): Letter => ({
  subject,
  locale: 'en',
  passages: [
    { kind: 'title', text: subject },
    ...paragraphs.map((text) => ({ kind: 'paragraph', text }) as const),
  ],
})

/** Why it does not go on, as a sentence. */
export function sayPause(pause: Pause): string {
  switch (pause.code) {
    case 'person':
      return `${pause.actor} has paused it.`
    case 'back':
      return `${pause.actor} has taken the last wave back.`
    case 'refusals':
      return `Of ${pause.observed} users who were moved of late and reached mail before, ${pause.refused} were refused since.`
    default:
      return `The next wave was not made: ${pause.detail}.`
  }
}
