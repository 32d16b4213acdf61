import type { PortalClient, StepState } from '../../src/graph/contract.ts'

/** How mail stands on a phone, for the person who holds it. */
export const stateWords: Readonly<
  Record<PortalClient['exchangeAccessState'], readonly [word: string, tone: string]>
> = {
  none: ['No mail yet', ''],
  unknown: ['Not decided yet', ''],
  allowed: ['Gets mail', 'good'],
  blocked: ['Blocked', 'bad'],
  quarantined: ['Mail is waiting', 'warn'],
  deviceDiscovery: ['Being recognised', 'warn'],
}

/** Sign and word of a step. */
export const stepWords: Readonly<Record<StepState, readonly [sign: string, word: string]>> = {
  done: ['✓', 'Done'],
  open: ['!', 'To do'],
  waiting: ['…', 'Waiting'],
}

/** What a person calls it: its own name once it has one, before that what kind it is. */
export const titleOf = ({ enrollment, name, easDeviceType, model }: PortalClient): string =>
  enrollment === 'done' ? name : easDeviceType || model || name

/** Whether somebody still has to do something, so that it must not be folded away. */
export const needsCare = (client: PortalClient): boolean =>
  client.why !== null || client.compliance === 'open'
