import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { type Instant, minute } from '../base/clock.ts'
import { readNamedLocation, readPolicy } from '../conditional/read-policy.ts'
import type { UserId } from '../directory/directory.ts'
import { decide } from './decide.ts'
import type { Decision } from './decision.ts'
import {
  type AccessPolicies,
  type CasMailbox,
  defaultAccessPolicies,
  type OrganizationSettings,
} from './policy.ts'
import type { Circumstances } from './request.ts'

/** Minutes after the client was first seen: `+14m`. */
type Time = string

interface Case {
  readonly name: string
  readonly at?: Time
  readonly enabled?: boolean
  readonly groups?: readonly string[]
  readonly eas?: Record<string, unknown>
  readonly device?: Record<string, unknown> & { readonly graceUntil?: Time }
  readonly approved?: boolean
  readonly enforcement?: AccessPolicies['enforcement']
  readonly semantics?: Partial<AccessPolicies['semantics']>
  readonly exchangeOnline?: Partial<AccessPolicies['exchangeOnline']>
  /** Documents in Graph's JSON. */
  readonly conditionalAccess?: readonly object[]
  readonly namedLocations?: readonly object[]
  readonly address?: string
  readonly rules?: AccessPolicies['deviceAccessRules']
  readonly defaultAccessLevel?: OrganizationSettings['defaultAccessLevel']
  readonly mailboxPolicy?: Partial<OrganizationSettings['mailboxPolicy']>
  readonly mailbox?: Mailbox
  readonly otherMailbox?: Mailbox
  readonly expect: Partial<Pick<Decision, 'outcome' | 'judged' | 'enforced' | 'state'>> & {
    readonly stateReason: string
    /** Codes. */
    readonly reasons?: readonly string[]
    readonly path?: readonly string[]
    /** The one that decided. */
    readonly step?: string
    readonly recheckAt?: Time | null
  }
}

interface Mailbox {
  readonly activeSyncEnabled?: boolean
  readonly allowed?: readonly string[]
  readonly blocked?: readonly string[]
}

const start = Date.UTC(2026, 2, 1)
const folder = new URL('../../test/cases/', import.meta.url)

function moment(time: Time): Instant {
  const [, count] = /^\+(\d+)m$/.exec(time) ?? assert.fail(`no time: ${time}`)
  return start + Number(count) * minute
}

function readCircumstances(one: Case): Circumstances {
  const device = one.device && {
    id: 'dev_1',
    registered: true,
    managed: true,
    activated: true,
    compliance: 'unknown',
    findings: [],
    ...one.device,
    graceUntil: one.device.graceUntil === undefined ? undefined : moment(one.device.graceUntil),
  }
  const eas = {
    deviceId: 'N6FOK02KB14BDA53',
    deviceType: 'iPhone',
    userAgent: 'Apple-iPhone15C4/2401.539',
    model: 'iPhone15C4',
    operatingSystem: 'iOS 18.1 22B83',
    platform: 'iOS',
    policyRefused: false,
    firstSeenAt: start,
    ...Object.fromEntries(Object.entries(one.eas ?? {}).map(([k, v]) => [k, v ?? undefined])),
  }
  const user = { id: 'usr_1', enabled: one.enabled ?? true, groups: new Set(one.groups ?? []) }
  const { address, approved = false } = one
  return { user, eas, device, approved, address } as Circumstances
}

function mailbox(user: UserId, one: Mailbox): CasMailbox {
  return {
    user,
    activeSyncEnabled: one.activeSyncEnabled ?? true,
    allowedDeviceIds: one.allowed ?? [],
    blockedDeviceIds: one.blocked ?? [],
  }
}

function readPolicies(one: Case): AccessPolicies {
  const { exchangeOnline, organization, semantics } = defaultAccessPolicies
  return {
    ...defaultAccessPolicies,
    enforcement: one.enforcement ?? { state: 'enforcing', scope: 'all' },
    exchangeOnline: { ...exchangeOnline, ...one.exchangeOnline },
    semantics: { ...semantics, ...one.semantics },
    conditionalAccess: {
      policies: (one.conditionalAccess ?? []).map((document) => readPolicy(document).policy),
      namedLocations: (one.namedLocations ?? []).map(readNamedLocation),
      authenticationStrengths: [],
    },
    deviceAccessRules: one.rules ?? [],
    autoblock: [],
    organization: {
      ...organization,
      defaultAccessLevel: one.defaultAccessLevel ?? 'allow',
      mailboxPolicy: { ...organization.mailboxPolicy, ...one.mailboxPolicy },
    },
    casMailboxes: [
      ...(one.mailbox ? [mailbox('usr_1', one.mailbox)] : []),
      ...(one.otherMailbox ? [mailbox('usr_2', one.otherMailbox)] : []),
    ],
  }
}

function play(one: Case): void {
  const { expect } = one
  const decision = decide(readCircumstances(one), readPolicies(one), moment(one.at ?? '+0m'))
  const { outcome, judged, enforced, state, stateReason, reasons, path, recheckAt } = decision
  assert.deepEqual(
    { outcome, stateReason },
    { outcome: expect.outcome, stateReason: expect.stateReason },
  )
  assert.equal(reasons[0]?.code, stateReason, 'the first reason is the state reason')
  const shown = { judged, enforced, state, path, reasons: reasons.map((reason) => reason.code) }
  const { judged: _judged, step, recheckAt: expectedRecheck, ...rest } = expect
  assert.equal(judged, expect.judged ?? outcome)
  for (const [name, value] of Object.entries(rest))
    if (name in shown) assert.deepEqual(shown[name as keyof typeof shown], value, name)
  if (step !== undefined) assert.equal(path.at(-1), step)
  if (expectedRecheck !== undefined)
    assert.equal(recheckAt, expectedRecheck === null ? undefined : moment(expectedRecheck))
}

for (const file of readdirSync(folder).filter((name) => /^decide-.*\.json$/.test(name))) {
  const { feature, title, cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
    feature: string
    title: string
    cases: readonly Case[]
  }
  describe(`${feature} ${title}`, () => {
    for (const one of cases) it(one.name, () => play(one))
  })
}
