import { Failure, impossible } from '../../base/failures.ts'
import { Provision, Settings } from '../wbxml/tokens.ts'
import { type Element, element, find, findAll, textOf, writeWbxml } from '../wbxml/wbxml.ts'
import { type DeviceInformation, readDeviceInformation } from './device-information.ts'
import { expectRoot, has, requiredText } from './fields.ts'
import { type PolicySettings, provisionDoc, wapProvisioningDoc } from './provision-doc.ts'
import { atLeast, type EasVersion } from './version.ts'

/** The policy format that a version must be given: XML text for 2.5, a WBXML document from 12.0 on. */
export type PolicyType = 'MS-EAS-Provisioning-WBXML' | 'MS-WAP-Provisioning-XML'

/** One Provision request (MS-ASPROV 2.2.2.43). Answer a pending wipe to *any* of them. */
export type ProvisionRequest =
  /** No body, or an empty `<Provision/>`: a client that was told 140 asks what to do. */
  | { readonly phase: 'empty' }
  | {
      readonly phase: 'initial'
      /** As sent; anything else than the version's own PolicyType is answered with policy status 3. */
      readonly policyType: string
      readonly deviceInformation: DeviceInformation | undefined
    }
  | {
      readonly phase: 'acknowledgement'
      readonly policyType: string
      /** The temporary key; 0 when missing or unreadable. */
      readonly policyKey: number
      /** 1 applied in full, 2 in part, 3 not at all, 4 managed by a third party. */
      readonly status: 1 | 2 | 3 | 4
      readonly deviceInformation: DeviceInformation | undefined
    }
  /** `done` false: the client says that the wipe failed, or does not say that it succeeded. */
  | { readonly phase: 'wipe'; readonly scope: 'device' | 'account'; readonly done: boolean }
  /** Only DeviceInformation, without Policies. */
  | { readonly phase: 'information'; readonly deviceInformation: DeviceInformation }

/** One Provision answer (MS-ASPROV 3.2.5). */
export type ProvisionAnswer =
  /** To an initial request: temporary key and policy. `deviceInformation` true adds its Status 1 (the client sent it). */
  | {
      readonly kind: 'policy'
      readonly policyType: PolicyType
      readonly policyKey: number
      readonly settings: PolicySettings
      readonly deviceInformation: boolean
    }
  /** To an acknowledgement: the final key. */
  | {
      readonly kind: 'acknowledged'
      readonly policyType: string
      readonly policyKey: number
      readonly deviceInformation?: boolean
    }
  /** 2 no policy, 3 unknown type, 4 corrupt, 5 wrong temporary key. With 2 send a key other than 0: old iPhones dislike it. */
  | {
      readonly kind: 'policyStatus'
      readonly policyType: string
      readonly policyStatus: 2 | 3 | 4 | 5
      readonly policyKey?: number
      readonly deviceInformation?: boolean
    }
  /** Provision Status other than 1: 2 protocol, 3 server, 139 partly applied, 141, 145 third party, 165 no DeviceInformation. */
  | { readonly kind: 'refused'; readonly status: number }
  /** Orders the wipe; `again` after one that failed: Status 2 with the order. Account-only exists in 16.1 alone. */
  | { readonly kind: 'wipe'; readonly scope: 'device' | 'account'; readonly again?: boolean }
  /** After the client reported success. */
  | { readonly kind: 'wiped' }
  /** To a Provision that carried only DeviceInformation. */
  | { readonly kind: 'information' }

/** The policy type of a version. */
export function policyTypeOf(version: EasVersion): PolicyType {
  return atLeast(version, '12.0') ? 'MS-EAS-Provisioning-WBXML' : 'MS-WAP-Provisioning-XML'
}

/** Reads a Provision request; pass `undefined` for an empty body. Throws Failure request.malformed where it is of no phase. */
export function readProvision(root: Element | undefined): ProvisionRequest {
  if (!root) return { phase: 'empty' }
  expectRoot(root, Provision.Provision)
  // A wipe report counts before anything that stands beside it: nothing may hide that a device was wiped.
  const wipe = readWipe(root)
  if (wipe) return wipe
  const deviceInformation = readDeviceInformation(root)
  const policies = find(root, Provision.Policies)
  if (!policies)
    return deviceInformation ? { phase: 'information', deviceInformation } : { phase: 'empty' }
  const [policy, another] = findAll(policies, Provision.Policy)
  if (!policy || another)
    throw new Failure('request.malformed', 'Provision: not exactly one Policy')
  const policyType = requiredText(policy, Provision.PolicyType)
  if (!has(policy, Provision.PolicyKey) && !has(policy, Provision.Status))
    return { phase: 'initial', policyType, deviceInformation }
  return {
    phase: 'acknowledgement',
    policyType,
    policyKey: policyKeyOf(textOf(policy, Provision.PolicyKey) ?? ''),
    status: acknowledgedStatus(textOf(policy, Provision.Status) ?? ''),
    deviceInformation,
  }
}

function readWipe(root: Element): ProvisionRequest | undefined {
  for (const [tag, scope] of [
    [Provision.RemoteWipe, 'device'],
    [Provision.AccountOnlyRemoteWipe, 'account'],
  ] as const) {
    const report = find(root, tag)
    if (report)
      return { phase: 'wipe', scope, done: textOf(report, Provision.Status)?.trim() === '1' }
  }
  return undefined
}

/** A key that is no uint32 is the wrong key. */
function policyKeyOf(text: string): number {
  const key = /^\d{1,10}$/.test(text.trim()) ? Number(text) : 0
  return key <= 0xffff_ffff ? key : 0
}

function acknowledgedStatus(text: string): 1 | 2 | 3 | 4 {
  switch (text.trim()) {
    case '1':
      return 1
    case '2':
      return 2
    case '3':
      return 3
    case '4':
      return 4
    default:
      throw new Failure('request.malformed', 'Provision: Policy/Status is not 1 to 4')
  }
}

/** Writes a Provision answer. */
export function writeProvision(answer: ProvisionAnswer, version: EasVersion): Uint8Array {
  return writeWbxml(element(Provision.Provision, contentOf(answer, version)))
}

/** The order is part of the schema: DeviceInformation, Status, Policies, then a wipe. */
function contentOf(answer: ProvisionAnswer, version: EasVersion): readonly Element[] {
  switch (answer.kind) {
    case 'policy':
      return [
        ...informationTaken(answer.deviceInformation),
        status(1),
        policy(
          answer.policyType,
          1,
          answer.policyKey,
          element(Provision.Data, document(answer, version)),
        ),
      ]
    case 'acknowledged':
      return [
        ...informationTaken(answer.deviceInformation),
        status(1),
        policy(answer.policyType, 1, answer.policyKey),
      ]
    case 'policyStatus':
      return [
        ...informationTaken(answer.deviceInformation),
        status(1),
        policy(answer.policyType, answer.policyStatus, answer.policyKey),
      ]
    case 'refused':
      return [status(answer.status)]
    case 'wipe':
      return [
        status(answer.again ? 2 : 1),
        element(answer.scope === 'device' ? Provision.RemoteWipe : Provision.AccountOnlyRemoteWipe),
      ]
    case 'wiped':
      return [status(1)]
    case 'information':
      return [...informationTaken(true), status(1)]
    default:
      return impossible(answer)
  }
}

function document(
  answer: { readonly policyType: PolicyType; readonly settings: PolicySettings },
  version: EasVersion,
): Element | string {
  if (answer.policyType === 'MS-WAP-Provisioning-XML') return wapProvisioningDoc(answer.settings)
  return provisionDoc(answer.settings, version)
}

function status(value: number): Element {
  return element(Provision.Status, value)
}

function policy(type: string, value: number, key: number | undefined, document?: Element): Element {
  return element(
    Provision.Policies,
    element(
      Provision.Policy,
      element(Provision.PolicyType, type),
      element(Provision.Status, value),
      key !== undefined && element(Provision.PolicyKey, key),
      document,
    ),
  )
}

function informationTaken(told: boolean | undefined): readonly Element[] {
  return told ? [element(Settings.DeviceInformation, element(Settings.Status, 1))] : []
}
