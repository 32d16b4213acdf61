import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { normalGraphPolicy } from '../../../test/graph-normal.ts'
import { anyGraphPolicy } from '../../../test/worlds/graph-policies.ts'
import { Failure } from '../../base/failures.ts'
import { graphTypeOf, readGraphPolicy } from './read.ts'
import { reachOf } from './targets.ts'
import { writeGraphPolicy } from './write.ts'

// These hold src/compliance/graph-json/actions.ts and src/compliance/graph-json/linux.ts too. Whole exports of real
// administrators: test/contract/compliance-corpora.test.ts.

const ios = (rest: object) => ({
  '@odata.type': '#microsoft.graph.iosCompliancePolicy',
  displayName: 'Phones',
  ...rest,
})

const invalid = (part: RegExp) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === 'policy.invalid' && part.test(thrown.detail)

const block = [{ scheduledActionConfigurations: [{ actionType: 'block', gracePeriodHours: 0 }] }]

describe('policies in Graph JSON', () => {
  it('are read under our names, whatever their type calls a setting', () => {
    const { policy, notes } = readGraphPolicy(
      ios({
        passcodeRequired: true,
        passcodeMinimumLength: 6,
        passcodeRequiredType: 'deviceDefault',
        passcodeBlockSimple: false,
        osMinimumVersion: '17.4',
        passcodeMinutesOfInactivityBeforeScreenTimeout: 5,
      }),
    )
    assert.deepEqual(policy, {
      name: 'Phones',
      platform: 'iOS',
      type: 'iosCompliancePolicy',
      settings: {
        passwordRequired: true,
        passwordMinimumLength: 6,
        osMinimumVersion: '17.4',
        passwordMinutesOfInactivityBeforeLock: 5,
      },
      gracePeriodHours: 0,
      notReported: 'noncompliant',
    })
    assert.deepEqual(notes, [])
  })

  it('F19 keep their actions; block is there even where nobody wrote it', () => {
    const actions = [
      { actionType: 'notification', gracePeriodHours: 24, notificationTemplateId: 'T' },
      { actionType: 'block', gracePeriodHours: 72 },
      { actionType: 'retire', gracePeriodHours: 168, notificationMessageCCList: [] },
      { actionType: 'wipe', gracePeriodHours: 0 },
    ]
    const { policy, notes } = readGraphPolicy(
      ios({ scheduledActionsForRule: [{ ruleName: 'R', scheduledActionConfigurations: actions }] }),
    )
    assert.equal(policy.gracePeriodHours, 72)
    assert.deepEqual(
      policy.actions?.map(({ type }) => type),
      ['notification', 'retire', 'wipe'],
    )
    assert.deepEqual(
      notes.map(({ code, path }) => [code, path]),
      [['actionNotTaken', '$.scheduledActionsForRule[0].scheduledActionConfigurations[3]']],
    )
    const [written] = writeGraphPolicy(policy)[
      'scheduledActionsForRule'
    ] as (typeof block)[number][]
    assert.deepEqual(written?.scheduledActionConfigurations[0], {
      actionType: 'block',
      gracePeriodHours: 72,
    })
    assert.deepEqual(
      writeGraphPolicy(readGraphPolicy(ios({})).policy)['scheduledActionsForRule'],
      block,
    )
  })

  it('F19 an action is due within 365 days', () => {
    const late = (gracePeriodHours: unknown) =>
      ios({
        scheduledActionsForRule: [
          { scheduledActionConfigurations: [{ actionType: 'block', gracePeriodHours }] },
        ],
      })
    assert.equal(readGraphPolicy(late(8760)).policy.gracePeriodHours, 8760)
    for (const hours of [8761, -1, 1.5, '24'])
      assert.throws(() => readGraphPolicy(late(hours)), invalid(/gracePeriodHours/))
  })

  it('name what they cannot evaluate, keep it, and are met by no device', () => {
    const json = {
      '@odata.type': '#microsoft.graph.windows10CompliancePolicy',
      displayName: 'Script',
      deviceCompliancePolicyScript: { deviceComplianceScriptId: 'S', rulesContent: 'e30=' },
      brandNewSetting: true,
      anotherOne: null,
      deviceStatuses: [{ status: 'compliant' }],
    }
    const { policy, notes } = readGraphPolicy(json)
    assert.deepEqual(policy.unsupported, [
      {
        setting: 'deviceCompliancePolicyScript',
        reason: 'a script would have to run on the device',
      },
      { setting: 'brandNewSetting', reason: 'unknown property' },
    ])
    assert.deepEqual(
      notes.map(({ path, code }) => `${path} ${code}`),
      [
        '$.deviceCompliancePolicyScript notSupported',
        '$.brandNewSetting unknownProperty',
        '$.anotherOne unknownProperty',
        '$.deviceStatuses resultsIgnored',
      ],
    )
    const written = writeGraphPolicy(policy)
    assert.deepEqual(written['deviceCompliancePolicyScript'], json.deviceCompliancePolicyScript)
    assert.equal(written['brandNewSetting'], true)
  })

  it('refuse a value that cannot be, with its place', () => {
    assert.throws(
      () => readGraphPolicy(ios({ osMinimumVersion: 'new' })),
      invalid(/osMinimumVersion/),
    )
    assert.throws(
      () => readGraphPolicy(ios({ passcodeRequired: 'yes' })),
      invalid(/passwordRequired/),
    )
    assert.throws(() => readGraphPolicy(ios({ displayName: 'n'.repeat(257) })), invalid(/256/))
    assert.throws(() => readGraphPolicy(ios({ displayName: '' })), invalid(/256/))
    assert.throws(
      () => readGraphPolicy(ios({ assignments: [{ target: { '@odata.type': '#x' } }] })),
      invalid(/\$\.assignments\[0\]/),
    )
    for (const other of [null, [], 'text', {}, { '@odata.type': '#microsoft.graph.group' }]) {
      assert.equal(graphTypeOf(other), undefined)
      assert.throws(() => readGraphPolicy(other), invalid(/no compliance policy/))
    }
  })

  it('F06 refuse a malformed patch level', () => {
    const android = (minAndroidSecurityPatchLevel: string) => ({
      '@odata.type': '#microsoft.graph.androidCompliancePolicy',
      displayName: 'A',
      minAndroidSecurityPatchLevel,
    })
    assert.throws(() => readGraphPolicy(android('2016-13-01')), invalid(/PatchLevel/))
    const { settings } = readGraphPolicy(android('2016-05-01')).policy
    assert.equal(settings.minAndroidSecurityPatchLevel, '2016-05-01')
  })

  it('are assigned to whom their targets say', () => {
    const target = (type: string, rest: object = {}) => ({
      id: 'X',
      target: { '@odata.type': `#microsoft.graph.${type}AssignmentTarget`, ...rest },
    })
    const reach = (...assignments: object[]) =>
      reachOf(readGraphPolicy(ios({ assignments })).policy.targets ?? [], (id) => id)
    assert.deepEqual(
      reach(target('group', { groupId: 'a' }), target('exclusionGroup', { groupId: 'b' })),
      { assignedTo: ['a'], excluded: ['b'] },
    )
    assert.deepEqual(reach(target('allLicensedUsers')), { assignedTo: 'all', excluded: [] })
    assert.deepEqual(reach(target('configurationManagerCollection', { collectionId: 'c' })), {
      assignedTo: ['c'],
      excluded: [],
    })
    assert.deepEqual(reach(), { assignedTo: [], excluded: [] })
  })

  it('of Linux hold instances of the settings catalogue', () => {
    const base = '#microsoft.graph.deviceManagementConfiguration'
    const choice = (id: string, value: string, children: object[] = []) => ({
      '@odata.type': `${base}ChoiceSettingInstance`,
      settingDefinitionId: id,
      choiceSettingValue: { '@odata.type': `${base}ChoiceSettingValue`, value, children },
    })
    const json = {
      '@odata.type': '#microsoft.graph.deviceManagementCompliancePolicy',
      name: 'Desks',
      platforms: 'linux',
      technologies: 'linuxMdm',
      settings: [
        choice('linux_deviceencryption_required', 'linux_deviceencryption_required_true'),
        choice('linux_customcompliance_required', 'linux_customcompliance_required_true', [
          {
            settingDefinitionId: 'linux_customcompliance_rules',
            simpleSettingValue: { value: 'R' },
          },
        ]),
        {
          '@odata.type': `${base}GroupSettingCollectionInstance`,
          settingDefinitionId: 'linux_distribution_alloweddistros',
          groupSettingCollectionValue: [
            {
              children: [
                choice(
                  'linux_distribution_alloweddistros_item_$type',
                  'linux_distribution_alloweddistros_item_$type_ubuntu',
                ),
                {
                  '@odata.type': `${base}SimpleSettingInstance`,
                  settingDefinitionId: 'linux_distribution_alloweddistros_item_minimumversion',
                  simpleSettingValue: {
                    '@odata.type': `${base}StringSettingValue`,
                    value: '22.04',
                  },
                },
              ],
            },
          ],
        },
        {
          '@odata.type': `${base}SimpleSettingInstance`,
          settingDefinitionId: 'linux_passwordpolicy_minimumlength',
          simpleSettingValue: { '@odata.type': `${base}IntegerSettingValue`, value: 12 },
        },
      ].map((settingInstance) => ({ '@odata.type': `${base}Setting`, settingInstance })),
    }
    const { policy, notes } = readGraphPolicy(json)
    assert.deepEqual(policy.settings, {
      storageRequireEncryption: true,
      allowedDistributions: [{ name: 'ubuntu', minimumVersion: '22.04' }],
      passwordMinimumLength: 12,
    })
    assert.deepEqual(
      notes.map(({ path, code }) => [path, code]),
      [['$.settings[1].settingInstance', 'notSupported']],
    )
    assert.deepEqual(writeGraphPolicy(policy), normalGraphPolicy(json))
  })

  it('law: reading what was written gives the same policy, and no note', () => {
    fc.assert(
      fc.property(anyGraphPolicy, (policy) => {
        const isCatalogue = policy.type === 'deviceManagementCompliancePolicy'
        const origin = isCatalogue && { origin: { platforms: 'linux', technologies: 'linuxMdm' } }
        const read = readGraphPolicy(writeGraphPolicy(policy))
        assert.deepEqual(read, { policy: { ...policy, ...origin }, notes: [] })
      }),
      { numRuns: 500 },
    )
  })

  it('law: what is written is in normal form, and nothing of it is lost in between', () => {
    fc.assert(
      fc.property(anyGraphPolicy, (policy) => {
        const json = writeGraphPolicy(policy)
        assert.deepEqual(normalGraphPolicy(json), json)
        assert.deepEqual(writeGraphPolicy(readGraphPolicy(json).policy), json)
      }),
      { numRuns: 500 },
    )
  })

  it('law: any JSON is read or refused with a code', () => {
    const anyBody = fc.dictionary(
      fc.constantFrom(
        'settings',
        'assignments',
        'scheduledActionsForRule',
        'osMinimumVersion',
        'x',
      ),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(
        anyBody,
        fc.constantFrom('ios', 'deviceManagement', 'windows10'),
        (body, kind) => {
          const type = `#microsoft.graph.${kind}CompliancePolicy`
          try {
            readGraphPolicy({ displayName: 'P', '@odata.type': type, ...body })
          } catch (thrown) {
            assert.ok(thrown instanceof Failure && thrown.code === 'policy.invalid', String(thrown))
          }
        },
      ),
    )
  })
})
