import { approvalPending } from './approval-pending.ts'
import { autoblocked } from './autoblocked.ts'
import { compliant } from './compliant.ts'
import { conditionalAccess, conditionalAccessGranted } from './conditional-access.ts'
import type { Condition, Fork } from './condition.ts'
import { defaultLevel } from './default-level.ts'
import { deviceDiscovery } from './device-discovery.ts'
import { deviceRuleAllow, deviceRuleBlock, deviceRuleQuarantine } from './device-rules.ts'
import { domainJoined } from './domain-joined.ts'
import { easDisabled } from './eas-disabled.ts'
import { enforcement } from './enforcement.ts'
import { mailboxPolicy } from './mailbox-policy.ts'
import { notActivated } from './not-activated.ts'
import { notCompliant } from './not-compliant.ts'
import { notEnrolled } from './not-enrolled.ts'
import { nothingDemanded } from './nothing-demanded.ts'
import { personalAllow } from './personal-allow.ts'
import { personalBlock } from './personal-block.ts'
import { targeting } from './targeting.ts'
import { unsupportedPlatform } from './unsupported-platform.ts'
import { userDisabled } from './user-disabled.ts'

/**
 * A step and whom it is asked for: users whom the Exchange Online policy governs, the others, or all. Whoever meets the
 * policies belongs to the others from there on, where `Semantics.afterPolicy` wants the rules to be asked.
 */
export interface Step {
  readonly for: 'everyone' | 'targeted' | 'untargeted'
  readonly condition: Condition
}

/** How a decision is made: the first step that speaks decides. */
export interface DecisionTable {
  readonly enforcement: Fork
  readonly targeting: Fork
  readonly steps: readonly Step[]
}

/** The order is Exchange's documented one; for targeted users the policy's flow takes the place of its rules. */
export const decisionTable: DecisionTable = {
  enforcement,
  targeting,
  steps: [
    { for: 'everyone', condition: userDisabled },
    { for: 'everyone', condition: easDisabled },
    { for: 'untargeted', condition: mailboxPolicy },
    { for: 'everyone', condition: personalBlock },
    { for: 'everyone', condition: autoblocked },
    // Before whatever a healthy device would cure: no cure helps this client.
    { for: 'targeted', condition: unsupportedPlatform },
    { for: 'everyone', condition: conditionalAccess },
    { for: 'targeted', condition: nothingDemanded },
    { for: 'targeted', condition: domainJoined },
    { for: 'targeted', condition: notEnrolled },
    { for: 'targeted', condition: notActivated },
    { for: 'targeted', condition: notCompliant },
    { for: 'targeted', condition: approvalPending },
    { for: 'targeted', condition: compliant },
    { for: 'untargeted', condition: conditionalAccessGranted },
    { for: 'untargeted', condition: personalAllow },
    { for: 'untargeted', condition: deviceRuleBlock },
    { for: 'untargeted', condition: deviceDiscovery },
    { for: 'untargeted', condition: deviceRuleQuarantine },
    { for: 'untargeted', condition: deviceRuleAllow },
    { for: 'untargeted', condition: defaultLevel },
  ],
}
