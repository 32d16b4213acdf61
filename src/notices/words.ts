import { ruleNamed } from '../compliance/catalogue.ts'
import { fixWords } from './fix-words.ts'
import { german } from './german.ts'
import {
  type Language,
  languageOf,
  type ReasonWords,
  type RuleWords,
  sayTime,
  type Words,
} from './wording.ts'

const onOff = (value: string | number | boolean) =>
  value === true ? 'on' : value === false ? 'off' : String(value)

const reasons: Words['reasons'] = {
  notEnrolled: {
    title: 'Your mail is waiting: register this device',
    explanation:
      'Company mail goes to registered devices only, and this one is not registered yet.',
    whatToDo:
      'Open the page below on the device, sign in, and confirm that the device is yours. It takes a minute or two.',
  },
  notCompliant: {
    title: 'Your mail is waiting: this device needs attention',
    explanation:
      'The device does not meet a rule for company mail. Nothing is lost: mail comes back by itself as soon as it does.',
    whatToDo: 'Put right what is listed here, then open the page below and press Check.',
  },
  notActivated: {
    title: 'Your mail is waiting: one step is left',
    explanation: 'Your device is registered, but this mail account is not connected with it yet.',
    whatToDo: 'Open the page below on the device and confirm that this mail account is yours.',
  },
  approvalPending: {
    title: 'Your device waits for approval',
    explanation:
      'The device is in order. An administrator has to approve it before mail arrives on it.',
    whatToDo: 'There is nothing that you need to do. Mail arrives by itself after the approval.',
  },
  exchangeGlobalRule: {
    title: 'Your device waits to be released',
    explanation: 'Your organisation holds mail back on devices that it has not released.',
    whatToDo: 'Ask your administrator to release the device. The details below help to find it.',
  },
  exchangeDeviceRule: {
    title: 'Mail is held back on this kind of device',
    explanation: 'A rule of your organisation is about devices of this kind.',
    whatToDo: 'Ask your administrator whether the device may be used, or set up another one.',
  },
  exchangeIndividualRule: {
    title: 'Mail is held back on this device',
    explanation: 'An administrator decided this for this one device of yours.',
    whatToDo:
      'If you do not know why, ask your administrator. The details below help to find the device.',
  },
  userAgentsChanges: {
    title: 'Your mail app keeps changing its name',
    explanation:
      'The app gave itself so many names in a short time that it is held back for a while.',
    whatToDo: 'Mail comes back by itself. If it happens again, set up the account in another app.',
  },
  recentCommands: {
    title: 'Your mail app asks too often',
    explanation: 'The app sent so many requests in a short time that it is held back for a while.',
    whatToDo:
      'Mail comes back by itself. If it happens again, remove the account from the app and add it again.',
  },
  syncCommands: {
    title: 'Your mail app syncs too often',
    explanation: 'The app asked for changes so often that it is held back for a while.',
    whatToDo:
      'Mail comes back by itself. If it happens again, remove the account from the app and add it again.',
  },
  watsons: {
    title: 'Your mail app runs into faults',
    explanation:
      'Serving the app failed so often in a short time that it is held back for a while.',
    whatToDo: 'Mail comes back by itself. If it happens again, tell your administrator.',
  },
  exchangeMailboxPolicy: {
    title: 'The device did not accept the security settings',
    explanation:
      'Company mail asks the device for a few settings, such as a screen lock, and the device did not apply them.',
    whatToDo:
      'Accept them when the device asks. If it does not ask, remove the mail account from the device and add it again.',
  },
  deviceDiscovery: {
    title: 'Your mail comes in a moment',
    explanation: 'The device is new here and has not said yet what it is.',
    whatToDo: 'There is nothing that you need to do. This takes a few minutes at most.',
  },
  unsupportedPlatform: {
    title: 'Company mail does not work on this kind of device',
    explanation:
      'Your organisation gives mail to some kinds of devices only, and this is none of them.',
    whatToDo: 'Use a device of a supported kind. Your administrator can tell you which they are.',
  },
  domainJoined: {
    title: 'The computer belongs to the domain',
    explanation: 'It is joined to the domain of your organisation, and nothing more is demanded.',
    whatToDo: 'There is nothing that you need to do.',
  },
  notDomainJoined: {
    title: 'Company mail needs a computer of your organisation',
    explanation: 'Only computers that are joined to the domain of your organisation get mail.',
    whatToDo: 'Use such a computer, or ask your administrator to join this one.',
  },
  azureADBlockDueToAccessPolicy: {
    title: 'Company mail may not be read here',
    explanation: 'A policy of your organisation does not let this app, device or place have mail.',
    whatToDo:
      'Use another device or app, or ask your administrator. The details below help to find out why.',
  },
  mfaRequired: {
    title: 'This mail app cannot confirm who you are',
    explanation:
      'Your organisation asks for a second proof of who you are, and this way of getting mail has no room for one.',
    whatToDo: 'Use another mail app, or ask your administrator which ones work.',
  },
  userDisabled: {
    title: 'Your account is switched off',
    explanation: 'An administrator disabled the account, so no device gets its mail.',
    whatToDo: 'Ask your administrator.',
  },
  easDisabled: {
    title: 'Mail on phones is switched off for your mailbox',
    explanation: 'Your mailbox may not be used through mail apps of phones.',
    whatToDo: 'Ask your administrator whether this can be changed.',
  },
  compliant: {
    title: 'The device is in order',
    explanation: 'It is registered and meets the rules.',
    whatToDo: 'There is nothing that you need to do.',
  },
  inGracePeriod: {
    title: 'The device needs attention soon',
    explanation: 'It does not meet a rule, but still has time to. Mail flows until then.',
    whatToDo: 'Put right what is listed before the time is over.',
  },
  observing: {
    title: 'Nothing is enforced yet',
    explanation: 'Your organisation only watches for now; mail flows whatever is found.',
    whatToDo: 'There is nothing that you need to do.',
  },
  behind: {
    title: 'Mail is held back for a moment',
    explanation: 'The server is catching up with changes and lets nothing through meanwhile.',
    whatToDo:
      'There is nothing that you need to do. If it lasts longer than a few minutes, tell your administrator.',
  },
  internal: {
    title: 'Something went wrong on our side',
    explanation: 'A fault kept the server from deciding, so it let nothing through.',
    whatToDo: 'Tell your administrator if it lasts.',
  },
  other: {
    title: 'No rule is about this device',
    explanation: 'Nothing is demanded of it.',
    whatToDo: 'There is nothing that you need to do.',
  },
  unknown: {
    title: 'Mail is held back on this device',
    explanation: 'The server has not decided about it yet.',
    whatToDo: 'Try again in a few minutes, then ask your administrator.',
  },
}

const rules: Words['rules'] = {
  passwordRequired: {
    title: 'No screen lock',
    explanation: 'The device must ask for a PIN or password before it opens.',
    howToResolve: 'Set a PIN or password in the security settings of the device.',
    say: onOff,
  },
  storageRequireEncryption: {
    title: 'Storage is not encrypted',
    explanation: 'What is stored on the device must be unreadable when it is lost.',
    howToResolve:
      'Switch encryption on in the security settings. On iPhone and iPad a passcode does it.',
    say: onOff,
  },
  osMinimumVersion: {
    title: 'The system is too old',
    explanation: 'Older versions have known weaknesses.',
    howToResolve: 'Install the latest system update for the device.',
  },
  securityBlockJailbrokenDevices: {
    title: 'The device is jailbroken or rooted',
    explanation:
      'The protection that the maker built in has been removed, so no other rule can be trusted.',
    howToResolve: 'Restore the device to the original system of its maker.',
    say: (value) =>
      value === true ? 'jailbroken or rooted' : value === false ? 'original system' : String(value),
  },
  managedEmailProfileRequired: {
    title: 'The mail account was set up by hand',
    explanation: 'The account must come from your organisation, so that it can be removed again.',
    howToResolve: 'Remove the mail account from the device. Your organisation then adds it anew.',
    say: (value) =>
      value === true ? 'from your organisation' : value === false ? 'by hand' : String(value),
    where: {
      noProfile: {
        title: 'No mail profile is meant for you',
        explanation: 'Your organisation sets up mail accounts itself, and has left you out so far.',
        howToResolve: 'Ask your administrator to assign a mail profile to a group that you are in.',
        say: (value) =>
          value === 'noProfile' ? 'no profile reaches this user' : 'from your organisation',
      },
    },
  },
  maximumReportAgeHours: {
    title: 'The device has not reported for too long',
    explanation: 'What it said long ago proves nothing about today.',
    howToResolve: 'Bring the device online and open its management app, or the page below, once.',
    say: (value) => (typeof value === 'number' ? `within ${value} hours` : sayTime(value)),
  },
  isActive: {
    title: 'The device has been silent for too long',
    explanation: 'What it said long ago proves nothing about today.',
    howToResolve: 'Bring the device online and open its management app, or the page below, once.',
    say: (value) => (typeof value === 'number' ? `within ${value} days` : sayTime(value)),
  },
  policyAssigned: {
    title: 'No rules are set for this device',
    explanation: 'Your organisation counts a device as healthy only when rules are set for it.',
    howToResolve: 'Ask your administrator to assign a compliance policy.',
  },
}

/** The one table of what is said. */
export const words: Readonly<Record<Language, Words>> = {
  en: {
    reasons,
    rules,
    fixes: fixWords,
    demanded: (title) => `Your organisation demands: ${title}.`,
    unknownRule: {
      title: 'A rule is not met',
      explanation: 'The device does not meet a rule of your organisation.',
      howToResolve: 'Ask your administrator what this rule needs.',
    },
    states: {
      unknown: 'not decided',
      allowed: 'allowed',
      blocked: 'blocked',
      quarantined: 'held back',
      deviceDiscovery: 'being identified',
    },
    notReported: 'not reported',
    notEvaluated: 'cannot be checked',
    yes: 'yes',
    no: 'no',
    unknown: 'not known',
    labels: {
      model: 'Model',
      type: 'Type',
      id: 'Device ID',
      operatingSystem: 'System',
      userAgent: 'Mail app',
      imei: 'IMEI',
      easVersion: 'EAS version',
      accessState: 'Access',
      accessStateReason: 'Reason',
      sentAt: 'Sent at',
      sentTo: 'Sent to',
    },
    issues: 'What to put right',
    found: 'Found',
    needed: 'Needed',
    openPage: 'Open the page of this device',
    deviceTitle: 'The device that this is about',
    hello: (name) => `Hello ${name},`,
    footer: 'This message was written by your mail gateway. Answers to it are not read.',
    administrator: {
      subject: (user, state) => `Device of ${user}: mail ${state}`,
      explanation: (user, mail, state) => `Mail is ${state} on a device of ${user} (${mail}).`,
      footer: 'You get this because your address is among the recipients of notices about devices.',
    },
  },
  de: german,
}

/** The words for a reason code of a decision; a rule's code gives the words of the rule. `wanted`: as `languageOf` takes it. */
export function sayReason(code: string, wanted?: string): ReasonWords {
  const table = words[languageOf(wanted)]
  const known = Object.entries(table.reasons).find(([name]) => name === code)?.[1]
  if (known) return known
  const { title, explanation, howToResolve } = ruleWords(code, table)
  return { title, explanation, whatToDo: howToResolve }
}

/** One failed rule, said for people. */
export interface Issue {
  readonly rule: string
  readonly title: string
  readonly explanation: string
  readonly howToResolve: string
  readonly measured: string
  readonly required: string
}

/** The words for a finding: what was found, what is needed, how to put it right. */
export function sayFinding(
  finding: {
    readonly rule: string
    readonly measured: string | number | boolean
    readonly required: string | number | boolean
  },
  wanted?: string,
): Issue {
  const table = words[languageOf(wanted)]
  const known = ruleWords(finding.rule, table)
  const exact = Object.entries(known.where ?? {}).find(([name]) => name === finding.measured)
  const { title, explanation, howToResolve, say } = exact?.[1] ?? known
  const value = (text: string | number | boolean) => {
    if (text === 'notReported') return table.notReported
    if (text === 'notEvaluated') return table.notEvaluated
    if (say) return say(text)
    return text === true ? table.yes : text === false ? table.no : String(text)
  }
  return {
    rule: finding.rule,
    title,
    explanation,
    howToResolve,
    measured: value(finding.measured),
    required: value(finding.required),
  }
}

function ruleWords(rule: string, table: Words): RuleWords {
  const own = Object.entries(table.rules).find(([name]) => name === rule)?.[1]
  const known = ruleNamed(rule)
  if (own || !known) return own ?? table.unknownRule
  return { ...table.fixes[known.fix], explanation: table.demanded(known.title) }
}
