import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { PolicyPlan } from '../../src/graph/folder-contract.ts'
import { openShell } from './shell.ts'

// Who moved since the last apply. This also holds src/cli/policy-drift.ts, src/graph/policy-folder/drift.ts and
// src/graph/policy-folder/forms.ts.

const phones = (osMinimumVersion: string) => ({
  kind: 'compliancePolicy',
  name: 'Phones',
  platform: 'iOS',
  settings: { osMinimumVersion },
})

const tablets = { ...phones('16.0'), name: 'Tablets' }

const place = (address: string) => ({
  '@odata.type': '#microsoft.graph.ipNamedLocation',
  displayName: 'Office',
  isTrusted: false,
  ipRanges: [{ '@odata.type': '#microsoft.graph.iPv4CidrRange', cidrAddress: address }],
})

const settings = (userMailInsert: string) =>
  `kind: organization\nuserMailInsert: ${userMailInsert}\n`

/** A site and a folder, applied by Ann; Bob then changes things by other ways. */
async function open(t: TestContext) {
  const shell = await openShell(t)
  const { type, file, folder: data } = shell
  const { call } = shell.house.administrator
  t.after(() => void delete process.env['POSTERN_ACTOR'])
  const put = (name: string, value: object) => file(`set/${name}.json`, JSON.stringify(value))
  await put('phones', phones('17.0'))
  await put('office', place('192.0.2.0/24'))
  await file('set/site.yaml', settings('Ask.'))
  const folder = join(data, 'set')
  process.env['POSTERN_ACTOR'] = 'ann'
  const apply = async () => assert.equal((await type('policy', 'apply', folder)).code, 0)
  const locations = '/identity/conditionalAccess/namedLocations'
  const office = async () => {
    const { value } = await call<{ value: readonly { id: string }[] }>('GET', locations)
    return `${locations}/${value[0]?.id}`
  }
  const bob = { 'x-postern-actor': 'bob' }
  return {
    ...shell,
    put,
    folder,
    apply,
    bob: {
      move: async (address: string) => call('PATCH', await office(), place(address), bob),
      remove: async () => call('DELETE', await office(), undefined, bob),
      apply: (...documents: readonly object[]) =>
        call('PUT', '/postern/policies', { documents }, bob),
    },
    /** Exit code, and what drifted whither, by whom. */
    async drift() {
      const { code, out } = await type('--json', 'policy', 'drift', folder)
      const { drift } = JSON.parse(out) as { drift: PolicyPlan['changes'] } // as the command prints it
      return [code, ...drift.map(toldOf)]
    },
    async plan() {
      const { out } = await type('--json', 'policy', 'plan', folder)
      return (JSON.parse(out) as PolicyPlan).changes.map(toldOf) // as the server sends it
    },
  }
}

const toldOf = ({ name, action, drift }: PolicyPlan['changes'][number]) =>
  [action, name, drift?.side, drift?.changed?.change, drift?.changed?.actor]
    .filter(Boolean)
    .join(' ')

test('a plan tells who moved since the last apply: the folder, the server and who there, or both', async (t) => {
  const { put, file, apply, bob, drift, plan, type, folder } = await open(t)
  assert.deepEqual(await plan(), ['create Phones folder', 'create Office folder', 'change unknown'])
  assert.deepEqual(await drift(), [2, 'change unknown'])
  await apply()
  assert.deepEqual([await plan(), await drift()], [[], [0]])

  await put('phones', phones('18.0'))
  assert.deepEqual([await plan(), await drift()], [['change Phones folder'], [0]])
  await bob.move('198.51.100.0/24')
  const moved = 'change Office server changed local:bob'
  assert.deepEqual(await plan(), ['change Phones folder', moved])
  assert.deepEqual(await drift(), [2, moved])
  await put('office', place('203.0.113.0/24'))
  assert.deepEqual(await drift(), [2, 'change Office both changed local:bob'])
  const said = await type('policy', 'plan', folder)
  assert.match(
    said.out,
    /~ change namedLocation "Office"\n {4}ipRanges.*\n {4}changed by local:bob on the server 20\S+ \S+ \(history \d+\), and in the folder too, since the apply of 20/,
  )
  assert.match(
    said.out,
    /~ change compliancePolicy "Phones"\n {4}settings.osMinimumVersion.*\n {4}changed in the folder since the apply of 20/,
  )
  // The folder is made to say what Bob did: nothing is left to do, and from then on it is the folder's.
  await put('office', place('198.51.100.0/24'))
  await put('phones', phones('17.0'))
  assert.deepEqual([await plan(), await drift()], [[], [0]])
  await apply()
  await put('office', place('192.0.2.0/24'))
  assert.deepEqual([await plan(), await drift()], [['change Office folder'], [0]])
  await apply()
  await file('set/site.yaml', settings('Ask.'))
  await bob.remove()
  assert.deepEqual(await drift(), [2, 'create Office server deleted local:bob'])
})

test('what the folder never held is drift where somebody made it since; a rollback is; no apply is no baseline', async (t) => {
  const { put, file, apply, bob, drift, plan, type, folder, house } = await open(t)
  await bob.apply(tablets)
  await apply()
  assert.deepEqual(await plan(), ['unmanaged Tablets'])
  assert.deepEqual(await drift(), [0])
  const kiosks = { ...phones('16.0'), name: 'Kiosks' }
  await bob.apply(phones('17.0'), tablets, kiosks)
  assert.deepEqual(await drift(), [2, 'unmanaged Kiosks server created local:bob'])
  assert.deepEqual(
    (await type('policy', 'drift', folder)).out.split(':')[0],
    'compliancePolicy "Kiosks"',
  )
  await put('tablets', tablets)
  await put('kiosks', kiosks)
  await apply()
  assert.deepEqual(await drift(), [0])
  await rm(join(folder, 'kiosks.json'))
  assert.deepEqual([await plan(), await drift()], [['unmanaged Kiosks folder'], [0]])

  await file('set/site.yaml', settings('Wait.'))
  assert.equal((await type('policy', 'apply', folder, '--rollback-after', '1s')).code, 0)
  for (let waits = true; waits; ) {
    const { value } = await house.administrator.call<{ value: readonly object[] }>(
      'GET',
      '/postern/policies/unconfirmed',
    )
    waits = value.length > 0
  }
  assert.deepEqual(await drift(), [2, 'change server changed rollback'])
  const usage = await type('policy', 'drift')
  assert.equal(usage.code, 2)
  assert.equal((await type('policy', 'drift', join(folder, 'nowhere'))).code, 1)
})
