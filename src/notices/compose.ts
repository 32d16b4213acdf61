import type { AccessState, Decision } from '../access/decision.ts'
import type { Instant } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Finding } from '../compliance/verdict.ts'
import type { Device, Partnership } from '../devices/devices.ts'
import type { FactName } from '../devices/facts.ts'
import type { User } from '../directory/directory.ts'
import { layOut, type Piece, tame } from './layout.ts'
import type { Notice } from './notices.ts'
import { type DeviceField, type Language, writeTime } from './wording.ts'
import { sayFinding, words } from './words.ts'

/** A client that is held up, with all that a notice says about it. */
export interface Described {
  readonly user: User
  readonly partnership: Partnership
  readonly device?: Device | undefined
  readonly decision: Pick<Decision, 'outcome' | 'stateReason'>
  /** Of the device's verdict. */
  readonly findings: readonly Finding[]
}

/** Why a client is held up: what a notice is about, and is told once. */
export type Cause = Pick<Decision, 'outcome' | 'stateReason'>

/** What a notice is made of besides the client. */
export interface Occasion {
  readonly cause: Cause
  readonly from: string
  readonly sentAt: Instant
  readonly sentTo: string
  readonly language: Language
}

/** The notice for the user: the only mail on a quarantined phone, and a mail in the real mailbox. */
export function composeUserNotice(
  described: Described,
  occasion: Occasion,
  edge: { readonly link: string; readonly insert: string },
): Notice {
  const table = words[occasion.language]
  const reason = table.reasons[occasion.cause.stateReason]
  const issues = occasion.cause.stateReason === 'notCompliant' ? described.findings : []
  const insert = tameInsert(edge.insert)
  const pieces: Piece[] = [
    { kind: 'title', text: reason.title },
    { kind: 'paragraph', text: table.hello(tame(described.user.displayName)) },
    { kind: 'paragraph', text: reason.explanation },
    ...issuePieces(issues, occasion.language),
    { kind: 'paragraph', text: reason.whatToDo },
    { kind: 'link', text: table.openPage, url: edge.link },
    ...(insert ? [{ kind: 'paragraph', text: insert } as const] : []),
    { kind: 'heading', text: table.deviceTitle },
    { kind: 'rows', rows: deviceRows(described, occasion) },
    { kind: 'small', text: table.footer },
  ]
  return {
    from: occasion.from,
    subject: reason.title,
    ...layOut(reason.title, pieces, occasion.language),
  }
}

/** The notice for an administrator: who, why, and the device. It holds no link of the user's. */
export function composeAdministratorNotice(described: Described, occasion: Occasion): Notice {
  const table = words[occasion.language]
  const state = table.states[stateOf(occasion.cause)]
  const user = tame(described.user.displayName || described.user.name)
  const issues = occasion.cause.stateReason === 'notCompliant' ? described.findings : []
  const subject = table.administrator.subject(tame(described.user.name), state)
  const pieces: Piece[] = [
    { kind: 'title', text: subject },
    {
      kind: 'paragraph',
      text: table.administrator.explanation(user, tame(described.user.mail), state),
    },
    { kind: 'paragraph', text: table.reasons[occasion.cause.stateReason].explanation },
    ...issuePieces(issues, occasion.language),
    { kind: 'heading', text: table.deviceTitle },
    { kind: 'rows', rows: deviceRows(described, occasion) },
    { kind: 'small', text: table.administrator.footer },
  ]
  return { from: occasion.from, subject, ...layOut(subject, pieces, occasion.language) }
}

function issuePieces(findings: readonly Finding[], language: Language): Piece[] {
  const table = words[language]
  if (findings.length === 0) return []
  const shown = findings.slice(0, limits.noticeFindings.value).flatMap((finding): Piece[] => {
    const issue = sayFinding(finding, language)
    return [
      { kind: 'paragraph', text: `${issue.title}. ${issue.howToResolve}` },
      {
        kind: 'rows',
        rows: [
          [table.found, tame(issue.measured)],
          [table.needed, tame(issue.required)],
        ],
      },
    ]
  })
  return [{ kind: 'heading', text: table.issues }, ...shown]
}

/** The eleven fields. All but ours are claimed by the device, so they are tamed, and the reader is told nothing by them. */
function deviceRows(described: Described, occasion: Occasion): [label: string, value: string][] {
  const table = words[occasion.language]
  const { eas } = described.partnership
  const fact = (name: FactName) => {
    const known = described.partnership.facts[name] ?? described.device?.facts[name]
    return known ? String(known.value) : ''
  }
  const values: Record<DeviceField, string> = {
    model: fact('model'),
    type: eas.deviceType,
    id: eas.deviceId,
    operatingSystem: fact('operatingSystem') || fact('osVersion'),
    userAgent: eas.userAgent,
    imei: fact('imei'),
    easVersion: eas.protocolVersion,
    accessState: table.states[stateOf(occasion.cause)],
    accessStateReason: occasion.cause.stateReason,
    sentAt: writeTime(occasion.sentAt),
    sentTo: occasion.sentTo,
  }
  return Object.entries(table.labels).map(([field, label]) => {
    // `labels` and `values` have the same keys, by their types.
    return [label, tame(values[field as DeviceField]) || table.unknown]
  })
}

function stateOf({ outcome, stateReason }: Cause): AccessState {
  if (stateReason === 'deviceDiscovery') return stateReason
  const states = {
    allow: 'allowed',
    block: 'blocked',
    quarantine: 'quarantined',
    challenge: 'unknown',
  } as const
  return states[outcome]
}

/** The administrator's own sentence: plain text, at most as long as Exchange allows, line breaks as spaces. */
function tameInsert(insert: string): string {
  const line = insert
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  return [...line].slice(0, limits.userMailInsertChars.value).join('')
}
