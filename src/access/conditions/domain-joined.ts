import type { Condition, Question } from './condition.ts'

/**
 * A Windows PC that is joined to the company's domain passes without management, or without compliance, unless the policy
 * demands compliance of it; where the policy demands the domain, no other PC passes.
 */
export const domainJoined: Condition = {
  name: 'domainJoined',
  ofPolicy: true,
  judge(question) {
    const { exchangeOnline } = question.policies
    const { eas } = question.circumstances
    const demanded = exchangeOnline.windowsRequirement
    if (eas.platform !== 'windows' || demanded === 'compliant') return undefined
    const standing = standingOf(question)
    if (standing === 'joined') return say('allow', 'domainJoined')
    return demanded === 'domainJoined' && standing === 'other'
      ? say('block', 'notDomainJoined')
      : undefined
  },
  because(question) {
    if (question.circumstances.eas.platform !== 'windows') return 'it is no Windows PC'
    if (question.policies.exchangeOnline.windowsRequirement === 'compliant')
      return 'the policy demands compliance of Windows PCs'
    return {
      joined: 'the PC is joined to the domain',
      unproven: 'the PC is joined to the domain, but not registered, or the client not activated',
      other: 'the PC is not known to be joined to the domain',
    }[standingOf(question)]
  },
}

/** A managed PC is what its activation shows; one that nobody manages has no activation to wait for. */
function standingOf({ circumstances: { device } }: Question): 'joined' | 'unproven' | 'other' {
  if (!device?.domainJoined) return 'other'
  if (!device.registered) return 'unproven'
  return !device.managed || device.activated ? 'joined' : 'unproven'
}

function say(level: 'allow' | 'block', stateReason: 'domainJoined' | 'notDomainJoined') {
  return { level, stateReason, reasons: [{ code: stateReason, policy: 'exchangeOnline' }] }
}
