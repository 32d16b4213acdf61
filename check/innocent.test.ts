import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, readRepository, tell } from './tidy.ts'
import { readTree } from './tree.ts'

const words = { 'docs/words.md': '| word | meaning |\n|---|---|\n| user | a person |\n' }

/** Files that look guilty and are not: nothing at all may be reported. */
const innocent: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'words in comments and strings': {
    'src/access/decide.ts':
      "// Date.now() and fetch('x') would be wrong here; import { x } from '../../main.ts'\n" +
      "export const text = 'console.log(process.env.HOME, new Date())'\n" +
      'export const quoted = `setTimeout(${text}) /* import */`\n',
  },
  'names of properties, types and arguments': {
    'src/access/decide.ts':
      'interface World { fetch: typeof fetch; process: string }\n' +
      'export const f = (world: World, console: string) => [world.fetch, world.process, console]\n' +
      'export const g = { fetch: 1, performance: 2 }\n' +
      'export const day = (at: number) => new Date(at).toISOString()\n',
  },
  'the front and the records of a pure room': {
    'src/devices/devices.ts':
      "import { setFlagsFromString } from 'node:v8'\nimport { save } from './records.ts'\n" +
      "/** Saves. */\nexport const f = () => save(setFlagsFromString('x'))\n",
    'src/devices/records.ts': "import { a } from 'node:assert'\nexport const save = a\n",
  },
  'doors, downwards': {
    'src/access/access.ts':
      "import type { Facts } from '../devices/facts.ts'\n/** F. */\nexport type F = Facts\n",
    'src/devices/facts.ts': 'export type Facts = string\n',
    'src/migrations.ts': "import { m } from './devices/migrations.ts'\nexport const all = [m]\n",
    'src/devices/migrations.ts': 'export const m = 1\n',
  },
  'the composition root and the parts it builds from': {
    'src/postern.ts': "import { k } from './enrollment/key-store.ts'\nexport const p = k\n",
    'src/enrollment/key-store.ts': 'export const k = 1\n',
  },
  'a unit test that borrows a contract and a migration': {
    'src/devices/devices.test.ts':
      "import { contract } from '../../test/contract/store.ts'\n" +
      "import { m } from '../directory/migrations.ts'\n" +
      'setTimeout(() => contract(m), Date.now())\n',
    'test/contract/store.ts':
      "import type { Store } from '../../src/store/store.ts'\nexport type S = Store\n",
    'src/directory/migrations.ts': 'export const m = 1\n',
    'src/store/store.ts': '/** A store. */\nexport type Store = string\n',
  },
  'types that go round': {
    'src/store/alarm.ts': "import type { Tx } from './store.ts'\nexport type Alarm = Tx\n",
    'src/store/store.ts':
      "import type { Alarm } from './alarm.ts'\n/** T. */\nexport type Tx = Alarm[]\n",
  },
  'a long suite of short tests': {
    'src/store/x.test.ts': `describe('x', () => {\n${"  test('a', () => {})\n".repeat(90)}})\n`,
  },
  'a long generated table': {
    'src/wire/eas/tokens.ts': `/** Generated from the tables. */\n${'export const n = 1\n'.repeat(600)}`,
    'src/wire/eas/tokens.test.ts': '',
  },
  'a cast with its reason': {
    'src/store/x.ts':
      'export const f = (a: unknown) => a as string // The schema above proved it.\n' +
      "// Sealed above.\nexport const g = (a: unknown) =>\n  a as string\nexport const h = ['a'] as const\n",
  },
  'a skip that is none': {
    'src/store/x.test.ts': "test('a', { timeout: 5, skip: false }, () => rows.skip(3))\n",
  },
  'words that only contain an empty one': {
    'src/store/commonality.ts': 'export const managed = 1\nexport const utilise = 2\n',
    'docs/flow.md': 'A [link](https://example.org/network/x) and `src/store`.\n',
  },
  'an excess that the ratchet knows exactly': {
    'src/store/x.ts': `function f() {\n${'  f()\n'.repeat(70)}}\n`,
  },
}

for (const [name, files] of Object.entries(innocent)) {
  test(`tidy lets pass ${name}`, () => {
    const ratchet = name.includes('ratchet') ? { 'function src/store/x.ts f': 72, untested: 1 } : {}
    const tree = readTree(new Map(Object.entries({ ...words, ...files })), { ratchet })
    assert.deepEqual(inspect(tree).map(tell), [])
  })
}

test('the repository is tidy', async () => {
  assert.deepEqual(inspect(await readRepository()).map(tell), [])
})
