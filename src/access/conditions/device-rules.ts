import type { AccessLevel, DeviceAccessRule } from '../policy.ts'
import type { Circumstances } from '../request.ts'
import type { Condition, Question } from './condition.ts'

type Eas = Circumstances['eas']

const told: Readonly<Record<DeviceAccessRule['characteristic'], (eas: Eas) => string | undefined>> =
  {
    DeviceModel: (eas) => eas.model,
    DeviceOS: (eas) => eas.operatingSystem,
    DeviceType: (eas) => eas.deviceType,
    UserAgent: (eas) => eas.userAgent,
    XMSWLHeader: (eas) => eas.wlHeader,
  }

/** The first rule of this level that names the client: exactly, without wildcards. */
export function ruleOf(level: AccessLevel, question: Question): DeviceAccessRule | undefined {
  const { eas } = question.circumstances
  return question.index.rules[level].find(
    (rule) => told[rule.characteristic](eas) === rule.queryString,
  )
}

function deviceRule(level: AccessLevel, name: string): Condition {
  return {
    name,
    judge(question) {
      const rule = ruleOf(level, question)
      if (!rule) return undefined
      return {
        level,
        stateReason: 'exchangeDeviceRule',
        reasons: [
          {
            code: 'exchangeDeviceRule',
            policy: `${rule.name}(${rule.characteristic})`,
            measured: rule.queryString,
          },
        ],
      }
    },
    because(question) {
      const rule = ruleOf(level, question)
      return rule
        ? `matched by rule ${rule.name}(${rule.characteristic})`
        : `no ${level} rule matches`
    },
  }
}

/** Exchange's device access rules: of those that name a client, the strictest level wins. */
export const deviceRuleBlock = deviceRule('block', 'deviceRuleBlock')
/** See `deviceRuleBlock`. */
export const deviceRuleQuarantine = deviceRule('quarantine', 'deviceRuleQuarantine')
/** See `deviceRuleBlock`. */
export const deviceRuleAllow = deviceRule('allow', 'deviceRuleAllow')
