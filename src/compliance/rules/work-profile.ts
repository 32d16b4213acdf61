import type { ComplianceSettings } from '../settings.ts'
import { atLeast, atMost, mustBe, ranked } from './criteria.ts'
import {
  complexityChoice,
  complexityOrder,
  passwordChoice,
  passwordOrder,
  passwordSynonyms,
} from './password.ts'
import type { Rule } from './rule.ts'
import { count, flag, quarantinedOn } from './spread.ts'

/** A setting of work profiles, of which Graph's name is ours. */
function workProfile<R>(
  property: keyof ComplianceSettings,
  rest: Pick<Rule<R>, 'title' | 'value' | 'criterion' | 'fix'>,
): Rule<R> {
  return {
    ...rest,
    classes: quarantinedOn('android'),
    properties: { androidWorkProfileCompliancePolicy: property },
  }
}

/** The lock of Android's work profile, where it has one of its own. */
export const workProfileRules = {
  workProfileRequirePassword: workProfile<boolean>('workProfileRequirePassword', {
    title: 'Work profile: require a password',
    value: flag,
    criterion: mustBe('workProfilePasswordRequired', true),
    fix: 'setPassword',
  }),
  workProfilePasswordRequiredType: workProfile<string>('workProfilePasswordRequiredType', {
    title: 'Work profile: required password type',
    value: passwordChoice,
    criterion: ranked('workProfilePasswordType', passwordOrder, 'atLeast', passwordSynonyms),
    fix: 'strengthenPassword',
  }),
  workProfileRequiredPasswordComplexity: workProfile<string>(
    'workProfileRequiredPasswordComplexity',
    {
      title: 'Work profile: password complexity',
      value: complexityChoice,
      criterion: ranked('workProfilePasswordComplexity', complexityOrder, 'atLeast'),
      fix: 'strengthenPassword',
    },
  ),
  workProfilePasswordMinimumLength: workProfile<number>('workProfilePasswordMinimumLength', {
    title: 'Work profile: minimum password length',
    value: count(1, 255, 'characters'),
    criterion: atLeast('workProfilePasswordMinimumLength'),
    fix: 'strengthenPassword',
  }),
  workProfileInactiveBeforeScreenLockInMinutes: workProfile<number>(
    'workProfileInactiveBeforeScreenLockInMinutes',
    {
      title: 'Work profile: minutes without use until it locks',
      value: count(0, 1440, 'minutes'),
      criterion: atMost('workProfileLockMinutes', 'isZero'),
      fix: 'setLockTime',
    },
  ),
  workProfilePasswordExpirationInDays: workProfile<number>('workProfilePasswordExpirationInDays', {
    title: 'Work profile: days until the password must be changed',
    value: count(1, 65_535, 'days'),
    criterion: atMost('workProfilePasswordExpirationDays', 'isNever'),
    fix: 'strengthenPassword',
  }),
  workProfilePreviousPasswordBlockCount: workProfile<number>(
    'workProfilePreviousPasswordBlockCount',
    {
      title: 'Work profile: earlier passwords that may not come back',
      value: count(1, 255, 'passwords'),
      criterion: atLeast('workProfilePasswordHistory'),
      fix: 'strengthenPassword',
    },
  ),
}
