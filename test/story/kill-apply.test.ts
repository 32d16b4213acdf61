import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { ExportedPolicy } from '../../src/graph/folder-contract.ts'
import { type Child, newPlace, type Place, startChild } from './child.ts'
import { createDice } from './dice.ts'
import { typeAt } from './shell.ts'

const kills = 20
const policies = 50

/** Fifty policies of both rooms, and a location, each with the number of the set in it. */
async function writeSet(folder: string, number: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  const put = (name: string, document: object) =>
    writeFile(join(folder, `${name}.json`), JSON.stringify(document))
  await put('place', {
    '@odata.type': '#microsoft.graph.ipNamedLocation',
    displayName: 'Office',
    ipRanges: [
      { '@odata.type': '#microsoft.graph.iPv4CidrRange', cidrAddress: `192.0.2.${number}/32` },
    ],
  })
  for (let count = 0; count < policies / 2; count++) {
    await put(`phones${count}`, {
      '@odata.type': '#microsoft.graph.iosCompliancePolicy',
      displayName: `Phones ${count}`,
      description: String(number),
      osMinimumVersion: `17.${number}`,
      assignments: [{ target: { '@odata.type': '#microsoft.graph.allDevicesAssignmentTarget' } }],
    })
    await put(`access${count}`, {
      displayName: `Access ${count}`,
      description: String(number),
      state: 'enabledForReportingButNotEnforced',
      conditions: {
        clientAppTypes: ['all'],
        applications: { includeApplications: ['All'] },
        users: { includeUsers: ['All'] },
        locations: { includeLocations: ['All'], excludeLocations: ['Office'] },
      },
      grantControls: { operator: 'OR', builtInControls: ['block'] },
    })
  }
}

/** Resolves to whether it was acknowledged. */
async function apply({ data }: Place, folder: string): Promise<boolean> {
  const { code, err } = await typeAt(data)('policy', 'apply', folder)
  assert.ok(code === 0 || /does not answer/.test(err), err)
  return code === 0
}

/** The history is whole, and has one apply of each set that was ever in force. */
async function assertTold({ data }: Place, sets: number): Promise<void> {
  const type = typeAt(data)
  const { code, out } = await type('history', 'verify')
  assert.equal(code, 0, out)
  const { out: applies } = await type('--json', 'history', 'list', '--all', '--kind', 'apply')
  assert.equal((JSON.parse(applies) as readonly object[]).length, sets) // as the server sends them
}

/** The numbers of the set that are in force. */
async function numbersOf({ administrator }: Child): Promise<ReadonlySet<string>> {
  const { value } = await administrator.call<{ value: readonly ExportedPolicy[] }>(
    'GET',
    '/postern/policies/export',
  )
  const numbers = value.flatMap(({ kind, document }) => {
    if (kind === 'namedLocation') return [/192\.0\.2\.(\d+)/.exec(JSON.stringify(document))?.[1]]
    return 'description' in document ? [String(document['description'])] : []
  })
  assert.equal(numbers.length, policies + 1)
  return new Set(numbers.map(String))
}

test(`kill -9 at ${kills} random moments of applying ${policies} policies: all or nothing`, async (t) => {
  const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31))
  console.log(`  SEED=${seed}`)
  const dice = createDice(seed)
  const place = await newPlace(t)
  let child = await startChild(t, place)
  const folder = join(place.data, '..', 'set')
  await writeSet(folder, 0)
  assert.ok(await apply(place, folder))
  let inForce = 0
  const sets = new Set(['0'])
  let [kept, lost, wholeMs] = [0, 0, 200]
  for (let number = 1; number <= kills; number++) {
    await writeSet(folder, number)
    const since = performance.now()
    const applying = apply(place, folder)
    await Promise.race([applying, pause(dice(wholeMs + 20))])
    await child.end('SIGKILL')
    const acknowledged = await applying
    if (acknowledged) wholeMs = Math.ceil(performance.now() - since)
    child = await startChild(t, place)
    const seen = await numbersOf(child)
    assert.equal(seen.size, 1, `half applied: ${[...seen].join(' ')}`)
    const allowed = acknowledged ? [number] : [inForce, number]
    assert.ok(allowed.some((one) => seen.has(String(one))))
    await assertTold(place, sets.add([...seen][0] ?? '').size)
    if (seen.has(String(number))) kept += 1
    else lost += 1
    inForce = Number([...seen][0])
  }
  console.log(`  ${kept} were in force whole after the kill, ${lost} not at all`)
  assert.ok(await apply(place, folder), 'it goes on after all that')
})
