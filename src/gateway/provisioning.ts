import { createHash, randomInt } from 'node:crypto'
import type { MailboxPolicy } from '../access/policy.ts'
import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import type { Devices, Partnership, PartnershipId } from '../devices/devices.ts'
import { easFacts, type Facts, type FactValues } from '../devices/facts.ts'
import type { EasAnswer } from '../mailbox/mailbox.ts'
import type { DeviceInformation } from '../wire/eas/device-information.ts'
import {
  type PolicyType,
  type ProvisionAnswer,
  type ProvisionRequest,
  policyTypeOf,
  readProvision,
  writeProvision,
} from '../wire/eas/provision.ts'
import { type PolicySettings, policyFingerprint } from '../wire/eas/provision-doc.ts'
import type { EasRequest } from '../wire/eas/request.ts'
import { httpOfStatus } from '../wire/eas/status.ts'
import { atLeast, type EasVersion } from '../wire/eas/version.ts'
import { readWbxml } from '../wire/wbxml/wbxml.ts'
import type { Clients } from './clients.ts'
import type { ClientState } from './records.ts'
import { type Refusal, wbxmlHeaders } from './refusals.ts'

/** Provision as we serve it ourselves (MS-ASPROV 3.2.5): two phases, real keys, one per partnership. */
export interface Provisioning {
  /** Why this request must provision first; `undefined` when its key is the acknowledged one and the policy still stands. */
  check(
    request: EasRequest,
    partnership: PartnershipId,
  ): Refusal | undefined | Promise<Refusal | undefined>
  answer(request: EasRequest, partnership: Partnership, body: Uint8Array): Promise<Provisioned>
  /** "No policy here", while none is demanded and no upstream has one. */
  decline(request: EasRequest, body: Uint8Array): EasAnswer
  /** The same without remembering anything: for Android's trial account `validate`. */
  rehearse(request: EasRequest, body: Uint8Array): Promise<EasAnswer>
  /** Keeps what a client says of its device, as claimed facts. */
  note(partnership: Partnership, information: DeviceInformation | undefined): Promise<void>
}

/** An answer, and the client's word on the policy when it gave one. */
export interface Provisioned {
  readonly answer: EasAnswer
  readonly policyRefused?: boolean
}

interface Parts {
  readonly clients: Clients
  readonly devices: Pick<Devices, 'observe'>
  /** The same object until it changes. */
  readonly policy: () => MailboxPolicy
  readonly clock: Clock
}

/** Serves Provision from our own mailbox policy. */
export function createProvisioning({ clients, devices, policy, clock }: Parts): Provisioning {
  const note: Provisioning['note'] = async (partnership, information) => {
    if (!information) return
    await devices.observe(partnership.id, easFacts(information, partnership.eas, clock.now()), true)
  }
  const finish = async (
    asked: Acknowledgement,
    partnership: PartnershipId,
    now: MailboxPolicy,
    version: EasVersion,
  ): Promise<Provisioned> => {
    const refused = judgeAcknowledgement(asked.status, now)
    if (refused)
      return { answer: encode({ kind: 'refused', status: refused }, version), policyRefused: true }
    const final = newKey()
    const state = await clients.change(partnership, (was) => settle(was, asked.policyKey, final))
    if (state.policyKey !== final) return { answer: encode(mismatch(asked.policyType), version) }
    const facts = acknowledgedFacts(asked.status, now, version, clock.now())
    if (facts) await devices.observe(partnership, facts, true)
    return { answer: encode(settled(asked, final), version), policyRefused: false }
  }
  return {
    note,
    check(request, partnership) {
      const now = policy()
      if (now.allowNonProvisionableDevices && !request.policyKeySent) return undefined
      // A missing key is no key: a server that let it pass could be asked nicely to forget its policy.
      if (request.policyKey === 0) return 'notProvisioned'
      const digest = digestOf(now, request.version)
      const state = clients.remembered(partnership)
      if (state && !judgeKey(state, request.policyKey, digest)) return undefined
      return clients
        .state(partnership, 'fresh')
        .then((fresh) => judgeKey(fresh, request.policyKey, digest))
    },
    async answer(request, partnership, body) {
      const { version } = request
      const asked = read(body)
      if (!asked) return { answer: encode({ kind: 'refused', status: 2 }, version) }
      if ('deviceInformation' in asked) await note(partnership, asked.deviceInformation)
      const now = policy()
      if (asked.phase === 'acknowledgement')
        return await finish(asked, partnership.id, now, version)
      if (asked.phase !== 'initial') return { answer: encode(without(asked), version) }
      const answer = begin(asked, now, version)
      if (answer.kind === 'policy') {
        const pendingDigest = digestOf(now, version)
        const pending = { pendingKey: answer.policyKey, pendingDigest }
        await clients.change(partnership.id, (state) => ({ ...state, ...pending }))
      }
      return { answer: encode(answer, version) }
    },
    decline(request, body) {
      const asked = read(body)
      const policyType =
        asked && 'policyType' in asked ? asked.policyType : policyTypeOf(request.version)
      const none = { policyStatus: 2, policyKey: newKey() } as const
      return encode({ kind: 'policyStatus', policyType, ...none }, request.version)
    },
    async rehearse(request, body) {
      const asked = read(body)
      if (!asked) return encode({ kind: 'refused', status: 2 }, request.version)
      if (asked.phase === 'initial')
        return encode(begin(asked, policy(), request.version), request.version)
      if (asked.phase === 'acknowledgement')
        return encode(settled(asked, newKey()), request.version)
      return encode(without(asked), request.version)
    },
  }
}

type Initial = Extract<ProvisionRequest, { phase: 'initial' }>
type Acknowledgement = Extract<ProvisionRequest, { phase: 'acknowledgement' }>

/** `undefined` for what is not a Provision request: answered with Status 2, protocol error. */
function read(body: Uint8Array): ProvisionRequest | undefined {
  try {
    return readProvision(body.length > 0 ? readWbxml(body) : undefined)
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'request.malformed') return undefined
    throw thrown
  }
}

/** Phase one: the policy and a temporary key. */
function begin(asked: Initial, policy: MailboxPolicy, version: EasVersion): ProvisionAnswer {
  const policyType: PolicyType = policyTypeOf(version)
  const deviceInformation = asked.deviceInformation !== undefined
  if (asked.policyType !== policyType)
    return {
      kind: 'policyStatus',
      policyType: asked.policyType,
      policyStatus: 3,
      deviceInformation,
    }
  // From 14.1 on the client must say what it is (MS-ASPROV R607); before it says so in Settings.
  if (atLeast(version, '14.1') && !asked.deviceInformation?.model)
    return { kind: 'refused', status: 165 }
  const settings = settingsOf(policy)
  return { kind: 'policy', policyType, policyKey: newKey(), settings, deviceInformation }
}

const settled = (asked: Acknowledgement, policyKey: number): ProvisionAnswer => ({
  kind: 'acknowledged',
  policyType: asked.policyType,
  policyKey,
  deviceInformation: asked.deviceInformation !== undefined,
})

const mismatch = (policyType: string): ProvisionAnswer => ({
  kind: 'policyStatus',
  policyType,
  policyStatus: 5,
})

/** No wipe is ordered here, so a client that asks for one, or reports one, is told that it asked wrongly. */
const without = (asked: ProvisionRequest): ProvisionAnswer =>
  asked.phase === 'information' ? { kind: 'information' } : { kind: 'refused', status: 2 }

/** The Provision status that refuses an acknowledgement, if the policy demands more than the client applied. */
function judgeAcknowledgement(status: number, policy: MailboxPolicy): 139 | 145 | undefined {
  if (status === 1 || policy.allowNonProvisionableDevices) return undefined
  return status === 4 ? 145 : 139
}

/** Phase two: the temporary key buys the final one, once. A stale one changes nothing. */
function settle(state: ClientState, temporary: number, final: number): ClientState {
  if (temporary === 0 || temporary !== state.pendingKey) return state
  return {
    ...state,
    policyKey: final,
    policyDigest: state.pendingDigest,
    pendingKey: 0,
    pendingDigest: '',
  }
}

function judgeKey(state: ClientState, key: number, digest: string): Refusal | undefined {
  if (state.policyKey !== key) return 'wrongPolicyKey'
  return state.policyDigest === digest ? undefined : 'policyChanged'
}

/** Never 0: old iPhones dislike it. 31 bits: some clients read it as a signed number. */
const newKey = (): number => randomInt(1, 2 ** 31 - 1)

/** Digests by policy: every request asks for one. */
const digests = new WeakMap<MailboxPolicy, Map<EasVersion, string>>()

/** Of what this version was sent, not of the settings: else old versions provision for ever. */
function digestOf(policy: MailboxPolicy, version: EasVersion): string {
  const known = digests.get(policy) ?? new Map<EasVersion, string>()
  const kept = known.get(version)
  if (kept !== undefined) return kept
  const fingerprint = policyFingerprint(settingsOf(policy), version)
  const digest = createHash('sha256').update(fingerprint).digest('base64url')
  digests.set(policy, known.set(version, digest))
  return digest
}

/** The mailbox policy in the words of the policy document. */
function settingsOf(policy: MailboxPolicy): PolicySettings {
  return {
    devicePasswordEnabled: policy.devicePasswordEnabled,
    alphanumericDevicePasswordRequired: policy.alphanumericDevicePasswordRequired,
    allowSimpleDevicePassword: policy.allowSimpleDevicePassword,
    minDevicePasswordLength: policy.minDevicePasswordLength,
    maxDevicePasswordFailedAttempts: policy.maxDevicePasswordFailedAttempts,
    maxInactivityTimeDeviceLock: policy.maxInactivityTimeDeviceLockSeconds,
    requireDeviceEncryption: policy.requireDeviceEncryption,
  }
}

/**
 * What an acknowledgement claims of the device: full, that what was demanded is so; in part or not at all, that none of
 * it is. A client under other management says nothing. 2.5 and 12.0 know no encryption of the device.
 */
function acknowledgedFacts(
  status: 1 | 2 | 3 | 4,
  policy: MailboxPolicy,
  version: EasVersion,
  at: number,
): Facts | undefined {
  if (status === 4) return undefined
  const encryption = policy.requireDeviceEncryption && atLeast(version, '12.1')
  const values: Partial<FactValues> = {
    ...(policy.devicePasswordEnabled && (status === 1 ? passwordOf(policy) : noPassword)),
    ...(encryption && { storageEncrypted: status === 1 }),
  }
  const told = Object.entries(values)
  if (told.length === 0) return undefined
  // Each value stands under the name of its type.
  const facts: Facts = Object.fromEntries(
    told.map(([name, value]) => [name, { value, trust: 'claimed', source: 'eas', at }]),
  )
  return facts
}

/** The password that a client has which applied all of the policy. */
function passwordOf(policy: MailboxPolicy): Partial<FactValues> {
  return {
    passwordRequired: true,
    passwordSimpleAllowed: policy.allowSimpleDevicePassword,
    passwordMinimumLength: policy.minDevicePasswordLength,
    passwordType: policy.alphanumericDevicePasswordRequired ? 'alphanumeric' : 'numeric',
    passwordLockMinutes: Math.ceil(policy.maxInactivityTimeDeviceLockSeconds / 60),
    passwordMaximumFailures: policy.maxDevicePasswordFailedAttempts,
  }
}

/** A client that did not apply all of it may have applied none: what it claimed before is no longer so. */
const noPassword: Partial<FactValues> = {
  passwordRequired: false,
  passwordSimpleAllowed: true,
  passwordMinimumLength: 0,
  passwordType: 'none',
  passwordLockMinutes: 65_535,
  passwordMaximumFailures: 0,
}

function encode(answer: ProvisionAnswer, version: EasVersion): EasAnswer {
  // Up to 12.1 no Provision status above 3 exists: the HTTP status says it.
  if (answer.kind === 'refused' && answer.status > 100 && !atLeast(version, '14.0'))
    return { status: httpOfStatus(answer.status) }
  return { status: 200, headers: wbxmlHeaders, body: writeProvision(answer, version) }
}
