import type { PortalClient, StepState } from '../../src/graph/contract.ts'

/** How it looks how mail stands on a phone. */
export const tones: Readonly<Record<PortalClient['exchangeAccessState'], string>> = {
  none: '',
  unknown: '',
  allowed: 'good',
  blocked: 'bad',
  quarantined: 'warn',
  deviceDiscovery: 'warn',
}

/** Sign of a step. */
export const signs: Readonly<Record<StepState, string>> = { done: '✓', open: '!', waiting: '…' }

/** What a person calls it: its own name once it has one, before that what kind it is. */
export const titleOf = ({ enrollment, name, easDeviceType, model }: PortalClient): string =>
  enrollment === 'done' ? name : easDeviceType || model || name

/** Whether somebody still has to do something, so that it must not be folded away. */
export const needsCare = (client: PortalClient): boolean =>
  client.why !== null || client.compliance === 'open'
