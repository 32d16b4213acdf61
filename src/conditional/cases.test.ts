import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { minute } from '../base/clock.ts'
import { createEvaluator } from './conditional.ts'
import { exchangeOnline } from './policy.ts'
import { faultOf, readNamedLocation, readPolicy, writePolicy } from './read-policy.ts'
import type { Identity } from './sign-in.ts'
import { readWhatIfRequest } from './what-if-request.ts'

// This also holds src/conditional/atom.ts, src/conditional/conditions/users.ts, src/conditional/device-filter.ts,
// src/conditional/evaluate.ts, src/conditional/normalise.ts and src/conditional/places.ts.

interface CaseFile {
  /** Of the list of cases, where it is on that. */
  readonly case?: number
  /** Of the list of features. */
  readonly feature?: string
  readonly source: string
  readonly title: string
  readonly namedLocations?: readonly object[]
  readonly policies?: readonly { readonly conditions?: object }[]
  readonly signIns?: readonly SignInCase[]
  readonly documents?: readonly DocumentCase[]
}

/** A policy that somebody sends to be saved. */
interface DocumentCase {
  readonly name: string
  readonly policy: { readonly conditions?: object }
  /** Graph's code and message; null where it is saved. */
  readonly fault: string | null
  /** Properties of the policy as it is given back. */
  readonly saved?: Readonly<Record<string, unknown>>
}

/** A body of Graph's `evaluate`, laid over an ordinary sign-in; null takes away. */
interface SignInCase {
  readonly name: string
  readonly signInIdentity?: object
  readonly signInContext?: object
  readonly signInConditions?: object
  readonly satisfied?: readonly string[]
  /** Minutes from now. */
  readonly authenticatedAt?: number
  readonly expect: {
    readonly outcome: string
    readonly errorCode?: number
    readonly required?: readonly string[]
    readonly sessionControls?: readonly string[]
    /** Minutes from now. */
    readonly recheckAt?: number
    /** By policy. */
    readonly results?: Readonly<Record<string, string>>
    /** By policy, the first condition that is not met. */
    readonly unmet?: Readonly<Record<string, string>>
    readonly whatIf?: Readonly<Record<string, string>>
    readonly measured?: Readonly<Record<string, Readonly<Record<string, string>>>>
  }
}

const now = Date.UTC(2026, 2, 1, 12)
const folder = new URL('../../test/cases/', import.meta.url)

/** u and v are in G; `nested` is in a group of H, which the directory resolves. */
const groups = new Map([
  ['u', ['g']],
  ['v', ['g']],
  ['nested', ['h-child', 'h']],
])

const identities = {
  user: (id: string): Identity | undefined => {
    const own = groups.get(id)
    return own && { kind: 'user', id, groups: new Set(own), roles: new Set() }
  },
  servicePrincipal: () => undefined,
}

const readCasePolicy = (policy: DocumentCase['policy']) =>
  readPolicy({
    displayName: 'P',
    state: 'enabled',
    ...policy,
    conditions: {
      users: { includeUsers: ['All'] },
      applications: { includeApplications: ['All'] },
      clientAppTypes: ['all'],
      ...policy.conditions,
    },
  }).policy

const readSignIn = (one: SignInCase) =>
  readWhatIfRequest(
    {
      signInIdentity: one.signInIdentity ?? { userId: 'u' },
      signInContext: one.signInContext ?? { includeApplications: [exchangeOnline] },
      signInConditions: {
        devicePlatform: 'windows',
        clientAppType: 'mobileAppsAndDesktopClients',
        deviceInfo: { isCompliant: false, trustType: 'Workplace' },
        ...one.signInConditions,
      },
      satisfied: one.satisfied,
      ...(one.authenticatedAt !== undefined && {
        authenticatedDateTime: new Date(now + one.authenticatedAt * minute).toISOString(),
      }),
    },
    identities,
  ).signIn

for (const file of readdirSync(folder).filter((name) => name.startsWith('conditional-'))) {
  // Written by us; what is wrong in it fails the test.
  const read = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as CaseFile
  describe(`${read.feature ?? `case ${read.case}`}: ${read.title} (${read.source})`, () => {
    const evaluator = createEvaluator({
      policies: (read.policies ?? []).map(readCasePolicy),
      namedLocations: (read.namedLocations ?? []).map(readNamedLocation),
    })
    for (const { name, policy, fault, saved } of read.documents ?? [])
      it(name, () => {
        const own = readCasePolicy(policy)
        const found = faultOf(own)
        assert.equal(found ? `${found.code}: ${found.message}` : null, fault)
        const written: Record<string, unknown> = { ...writePolicy(own) }
        for (const [property, value] of Object.entries(saved ?? {}))
          assert.deepEqual(written[property], value)
      })
    for (const one of read.signIns ?? [])
      it(one.name, () => {
        const { expect } = one
        const signIn = readSignIn(one)
        const decision = evaluator.decide(signIn, now)
        const told = evaluator.explain(signIn)
        const analysed = evaluator.whatIf(signIn)

        assert.equal(decision.outcome, expect.outcome)
        for (const { displayName, result } of decision.policies)
          if (expect.results?.[displayName]) assert.equal(result, expect.results[displayName])
        for (const property of ['errorCode', 'required', 'sessionControls'] as const)
          if (expect[property]) assert.deepEqual(decision[property], expect[property])
        if (expect.recheckAt) assert.equal(decision.recheckAt, now + expect.recheckAt * minute)
        for (const [policy, condition] of Object.entries(expect.unmet ?? {}))
          assert.equal(
            told
              .find(({ displayName }) => displayName === policy)
              ?.conditions.find(({ met }) => !met)?.name,
            condition,
          )
        for (const [policy, reason] of Object.entries(expect.whatIf ?? {}))
          assert.equal(
            analysed.find((row) => row.policy.displayName === policy)?.analysisReasons,
            reason,
          )
        for (const [policy, measured] of Object.entries(expect.measured ?? {}))
          for (const [condition, value] of Object.entries(measured))
            assert.equal(
              told
                .find(({ displayName }) => displayName === policy)
                ?.conditions.find(({ name }) => name === condition)?.measured,
              value,
            )
      })
  })
}
