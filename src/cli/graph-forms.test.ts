import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readNamedLocation, readPolicy } from '../conditional/read-policy.ts'
import { graphForms, isNamedLocation, namesIn } from './graph-forms.ts'

const policy = {
  displayName: 'Known devices only',
  state: 'enabled',
  conditions: {
    users: { includeUsers: ['All'], excludeGroups: ['g1'] },
    applications: { includeApplications: ['All'] },
    clientAppTypes: ['all'],
  },
  grantControls: { operator: 'OR', builtInControls: ['compliantDevice'] },
}

it('reads what Graph’s PowerShell module writes: names with capitals, and everything that is not set', () => {
  const [read] = graphForms({
    Id: 'p1',
    DisplayName: 'Known devices only',
    CreatedDateTime: null,
    State: 'enabled',
    Conditions: {
      Users: {
        IncludeUsers: ['All'],
        ExcludeGroups: ['g1'],
        IncludeGuestsOrExternalUsers: {
          GuestOrExternalUserTypes: null,
          ExternalTenants: { MembershipKind: null },
        },
      },
      Applications: { IncludeApplications: ['All'], ApplicationFilter: { Mode: null, Rule: null } },
      ClientAppTypes: ['all'],
      Devices: { DeviceFilter: { Mode: null, Rule: null } },
      Locations: { IncludeLocations: null, ExcludeLocations: null },
    },
    GrantControls: {
      Operator: 'OR',
      BuiltInControls: ['compliantDevice'],
      AuthenticationStrength: { AllowedCombinations: null, Id: null },
    },
    SessionControls: { SignInFrequency: { IsEnabled: null, Value: null } },
    AdditionalProperties: {},
  })

  assert.deepEqual(readPolicy(read).policy, readPolicy({ ...policy, id: 'p1' }).policy)
})

it('takes the properties of a derived type from where the PowerShell module puts them', () => {
  const [location] = graphForms([
    {
      Id: 'l1',
      DisplayName: 'Office',
      AdditionalProperties: {
        '@odata.type': '#microsoft.graph.ipNamedLocation',
        isTrusted: true,
        ipRanges: [
          { '@odata.type': '#microsoft.graph.iPv4CidrRange', cidrAddress: '192.0.2.0/24' },
        ],
      },
    },
  ])

  assert.ok(isNamedLocation(location as object as Record<string, unknown>))
  assert.equal(readNamedLocation(location).displayName, 'Office')
  assert.deepEqual(namesIn(location), [['l1', 'Office']])
})

it('makes of a template of Graph the policy that it stands for, only reported', () => {
  const { displayName, state: _, ...details } = policy
  const [read] = graphForms({
    value: [{ id: 't1', name: displayName, scenarios: 'zeroTrust', details }],
  })

  const made = readPolicy(read).policy
  assert.equal(made.displayName, displayName)
  assert.equal(made.state, 'enabledForReportingButNotEnforced')
  assert.deepEqual(made.conditions, readPolicy(policy).policy.conditions)
})

it('opens lists in lists, and leaves alone what it does not know', () => {
  assert.deepEqual(graphForms({ documents: [{ value: [1, { kind: 'x' }] }] }), [1, { kind: 'x' }])
  assert.deepEqual(graphForms({ Objects: [{ Id: 'G', DisplayName: 'Staff' }] }), [
    { Objects: [{ Id: 'G', DisplayName: 'Staff' }] },
  ])
})

it('refuses conditions that a shallow export turned into text', () => {
  const [cut] = graphForms({
    DisplayName: 'Cut',
    State: 'enabled',
    Conditions: 'Microsoft.Graph.PowerShell.Models.MicrosoftGraphConditionalAccessConditionSet',
  })

  assert.throws(() => readPolicy(cut), { code: 'policy.invalid' })
})
