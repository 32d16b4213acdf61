import { z } from 'zod'
import type { Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { deviceVocabulary } from './device-filter.ts'
import { type ClientAppType, clientAppTypes, guestTypes, platforms, riskLevels } from './policy.ts'
import type { Identity, SignIn, SignInDevice, Target } from './sign-in.ts'

/** What the caller knows of identities: by id or sign-in name. */
export interface Identities {
  user(name: string): Identity | undefined
  servicePrincipal(id: string): Identity | undefined
}

/** A sign-in that is only thought of. */
export interface WhatIfRequest {
  readonly signIn: SignIn
  readonly appliedPoliciesOnly: boolean
}

const text = z.string().nullish()
const texts = z.array(z.string()).nullish()

/** The body of Graph's `evaluate`, its keys in lower case, and what Postern takes besides. */
const body = z.looseObject({
  signinidentity: z.looseObject({
    userid: text,
    externaltenantid: text,
    externalusertype: text,
    serviceprincipalid: text,
  }),
  signincontext: z
    .looseObject({
      includeapplications: texts,
      useraction: text,
      authenticationcontextvalue: text,
    })
    .nullish(),
  signinconditions: z
    .looseObject({
      deviceplatform: text,
      clientapptype: text,
      country: text,
      ipaddress: text,
      signinrisklevel: text,
      userrisklevel: text,
      serviceprincipalrisklevel: text,
      insiderrisklevel: text,
      authenticationflow: z.looseObject({ transfermethod: text }).nullish(),
      deviceinfo: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
  appliedpoliciesonly: z.boolean().nullish(),
  satisfied: texts,
  authenticateddatetime: z.iso.datetime({ offset: true }).nullish(),
  token: z.boolean().nullish(),
})
type Body = z.infer<typeof body>

/**
 * Reads the body of `POST /identity/conditionalAccess/evaluate`, keys in any case. Postern takes three more properties:
 * `satisfied`, controls that the user has fulfilled and methods that they used; `authenticatedDateTime`, when they last proved
 * who they are; `token`, whether an EAS client brings a token. Throws `request.malformed`, or `not.found` for an unknown user.
 */
export function readWhatIfRequest(json: unknown, identities: Identities): WhatIfRequest {
  const read = body.safeParse(foldKeys(json))
  if (!read.success) {
    const [issue] = read.error.issues
    throw new Failure('request.malformed', `${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { signincontext, signinconditions: given, satisfied, ...rest } = read.data
  const done = new Set(satisfied ?? [])
  return {
    appliedPoliciesOnly: rest.appliedpoliciesonly === true,
    signIn: {
      identity: readIdentity(rest.signinidentity, identities),
      target: readTarget(signincontext ?? {}),
      client: readClient(given?.clientapptype),
      token: rest.token ?? undefined,
      // A platform of another name is one that cannot be told.
      platform: platforms.find((name) => isSame(name, given?.deviceplatform)),
      address: given?.ipaddress ?? undefined,
      country: given?.country ?? undefined,
      device: readDevice(given?.deviceinfo ?? {}, done),
      signInRisk: readOne('signInRiskLevel', riskLevels, given?.signinrisklevel),
      userRisk: readOne('userRiskLevel', riskLevels, given?.userrisklevel),
      servicePrincipalRisk: readOne(
        'servicePrincipalRiskLevel',
        riskLevels,
        given?.serviceprincipalrisklevel,
      ),
      insiderRisk: given?.insiderrisklevel ?? undefined,
      flow: given?.authenticationflow?.transfermethod ?? undefined,
      satisfied: done,
      methods: done,
      authenticatedAt: readInstant(rest.authenticateddatetime),
    },
  }
}

function foldKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(foldKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name.toLowerCase(), foldKeys(inner)]),
  )
}

const isSame = (a: string, b: string | null | undefined): boolean =>
  a.toLowerCase() === b?.toLowerCase()

function readIdentity(given: Body['signinidentity'], identities: Identities): Identity {
  const { userid, serviceprincipalid, externalusertype, externaltenantid } = given
  if (serviceprincipalid) {
    const found = identities.servicePrincipal(serviceprincipalid)
    if (!found) throw new Failure('not.found', `no service principal ${serviceprincipalid}`)
    return found
  }
  if (!userid) throw new Failure('request.malformed', 'signInIdentity names nobody')
  const found = identities.user(userid)
  if (!found) throw new Failure('not.found', `no user ${userid}`)
  const guest = readOne('externalUserType', [...guestTypes, 'none'], externalusertype)
  return {
    ...found,
    ...(guest && guest !== 'none' && { guest }),
    ...(externaltenantid && { tenant: externaltenantid.toLowerCase() }),
  }
}

const userActions: readonly (readonly [string, string])[] = [
  ['registerSecurityInformation', 'urn:user:registersecurityinfo'],
  ['registerOrJoinDevices', 'urn:user:registerdevice'],
]

function readTarget(given: NonNullable<Body['signincontext']>): Target {
  const { useraction, authenticationcontextvalue, includeapplications } = given
  if (useraction) {
    const found = userActions.find((names) => names.some((name) => isSame(name, useraction)))
    if (!found) throw new Failure('request.malformed', `userAction: no action ${useraction}`)
    return { kind: 'userAction', id: found[1] }
  }
  return authenticationcontextvalue
    ? { kind: 'authenticationContext', id: authenticationcontextvalue }
    : { kind: 'application', ids: includeapplications ?? [] }
}

function readClient(type: string | null | undefined): ClientAppType | undefined {
  const read = readOne('clientAppType', [...clientAppTypes, 'all', 'easSupported'], type)
  if (read === 'easSupported') return 'exchangeActiveSync'
  return read === 'all' ? undefined : read
}

function readOne<T extends string>(
  name: string,
  values: readonly T[],
  given: string | null | undefined,
): T | undefined {
  if (given === null || given === undefined) return undefined
  const found = values.find((value) => isSame(value, given))
  if (found === undefined)
    throw new Failure('request.malformed', `${name}: ${given} is none of ${values.join(', ')}`)
  return found
}

const readInstant = (iso: string | null | undefined): Instant | undefined =>
  iso ? Date.parse(iso) : undefined

const attributeNames = new Map(
  Object.keys(deviceVocabulary).map((name) => {
    const bare = name.replace('device.', '')
    return [bare.toLowerCase(), bare]
  }),
).set('ownership', 'deviceOwnership')

/** A device of which nothing is told is none. A device control that counts as satisfied tells what the device is. */
function readDevice(
  given: Readonly<Record<string, unknown>>,
  satisfied: ReadonlySet<string>,
): SignInDevice | undefined {
  const attributes: Record<string, string | readonly string[]> = {}
  for (const [name, value] of Object.entries(given)) {
    const known = attributeNames.get(name)
    if (known && (isText(value) || isTexts(value))) attributes[known] = value
  }
  const { trustType: spelled, ...others } = attributes
  const trustType = satisfied.has('domainJoinedDevice') ? 'ServerAD' : spellTrust(spelled)
  const told = readFlag('isCompliant', given['iscompliant'])
  if (told === false && satisfied.has('compliantDevice'))
    throw new Failure(
      'request.malformed',
      'satisfied: compliantDevice, though isCompliant is false',
    )
  const isCompliant = satisfied.has('compliantDevice') || told
  const isManaged = readFlag('isManaged', given['ismanaged']) ?? Boolean(others['mdmAppId'])
  if (isCompliant === undefined && !trustType && Object.keys(others).length === 0) return undefined
  return { isCompliant, isManaged, trustType, attributes: others }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText)

function readFlag(name: string, value: unknown): boolean | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'boolean')
    throw new Failure('request.malformed', `${name}: no true or false`)
  return value
}

/** Newer answers of Graph call Azure AD by its later name. */
const spellTrust = (type: unknown): string | undefined =>
  !isText(type) ? undefined : isSame('EntraID', type) ? 'AzureAD' : type
