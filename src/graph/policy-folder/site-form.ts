import type {
  AutoblockThreshold,
  DeviceAccessRule,
  ExchangeOnlinePolicy,
  OrganizationSettings,
  Semantics,
} from '../../access/policy.ts'
import { defaultAccessPolicies } from '../../access/policy.ts'
import { Failure } from '../../base/failures.ts'
import { type PolicyDocument, policyDocument } from '../contract.ts'
import { type PolicyChange, readPolicies, writePolicies } from '../policy-names.ts'
import { differences } from './difference.ts'
import type { Json, Kind, Surroundings } from './kind.ts'

// What has no shape in Graph is a document of ours: the kinds that `graph/contract.ts` lists.

/** Device access rules. */
export const ruleKind: Kind<DeviceAccessRule> = ownKind('deviceAccessRule', {
  nameOf: ({ name }) => name,
  part: (rule) => ({ deviceAccessRules: [rule] }),
  of: ({ access }) => access.deviceAccessRules?.[0],
})

/** When a client that runs wild is kept out, told by its behavior. */
export const thresholdKind: Kind<AutoblockThreshold> = ownKind('autoblockThreshold', {
  nameOf: ({ behavior }) => behavior,
  part: (threshold) => ({ autoblock: [threshold] }),
  of: ({ access }) => access.autoblock?.[0],
})

/** What holds where the documents contradict each other. */
export const semanticsKind: Kind<Semantics> = ownKind('semantics', {
  nameOf: () => '',
  part: (semantics) => ({ semantics }),
  of: ({ access }) => access.semantics,
})

/** The classic policy for Exchange Online. */
export const onlineKind: Kind<ExchangeOnlinePolicy> = ownKind('exchangeOnline', {
  nameOf: () => '',
  part: (exchangeOnline) => ({ exchangeOnline }),
  of: ({ access }) => access.exchangeOnline,
})

/** Settings of the organization. */
export const organizationKind: Kind<OrganizationSettings> = ownKind('organization', {
  nameOf: () => '',
  part: (organization) => ({ organization }),
  of: ({ access }) => access.organization,
})

function ownKind<T>(
  kind: PolicyDocument['kind'],
  {
    nameOf,
    part,
    of,
  }: {
    nameOf: (value: T) => string
    /** Where the value stands among all. */
    part: (value: T) => Partial<typeof defaultAccessPolicies>
    of: (change: PolicyChange) => T | undefined
  },
): Kind<T> {
  const write = (value: T, { everybody }: Surroundings): Json => {
    const access = { ...defaultAccessPolicies, ...part(value) }
    const { documents } = writePolicies([], access, everybody.groups)
    return { ...documents.find((document) => document.kind === kind) }
  }
  return {
    nameOf,
    write,
    read(document, _old, { everybody }) {
      const read = policyDocument.safeParse(document)
      const value = read.success && of(readPolicies({ documents: [read.data] }, everybody.groups))
      if (value) return value
      const [issue] = read.error?.issues ?? []
      throw new Failure('policy.invalid', `${issue?.path.join('.') || 'kind'}: ${issue?.message}`)
    },
    compare: (before, after, around) => differences(write(before, around), write(after, around)),
  }
}
