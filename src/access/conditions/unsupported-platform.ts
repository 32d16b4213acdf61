import type { Condition, Question } from './condition.ts'

/**
 * The policy cannot judge this platform: its second option decides. The platform of a device that nobody manages is
 * only claimed, so while that option is off a client can talk its way past the policy.
 */
export const unsupportedPlatform: Condition = {
  name: 'unsupportedPlatform',
  ofPolicy: true,
  judge(question) {
    if (isSupported(question)) return undefined
    const { exchangeOnline } = question.policies
    return {
      level: exchangeOnline.blockUnsupportedPlatforms ? 'block' : 'allow',
      stateReason: 'unsupportedPlatform',
      reasons: [
        {
          code: 'unsupportedPlatform',
          policy: 'exchangeOnline',
          measured: question.circumstances.eas.platform,
        },
      ],
    }
  },
  because(question) {
    const { platform } = question.circumstances.eas
    return `platform ${platform} is ${isSupported(question) ? '' : 'not '}supported by the policy`
  },
}

function isSupported({ policies, circumstances }: Question): boolean {
  return policies.exchangeOnline.supportedPlatforms.includes(circumstances.eas.platform)
}
