import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, tell } from './tidy.ts'
import { readTree, type Tree } from './tree.ts'

/** A violation planted in files that exist only here, and the place and advice that must be reported. */
interface Planted {
  readonly rule: string
  readonly files: Readonly<Record<string, string>>
  readonly at: string
  readonly what: RegExp
  readonly instead: RegExp
  readonly rest?: Parameters<typeof readTree>[1]
}

const words = { 'docs/words.md': '| word | meaning |\n|---|---|\n| user | a person |\n' }
const type = 'export type A = string\n'
const machine = ['', 'work', 'main'].join('/')
const long = (lines: number) => 'export const n = 1\n'.repeat(lines)
const body = (lines: number) => `function f() {\n${'  f()\n'.repeat(lines - 2)}}\n`

const planted: Readonly<Record<string, Planted>> = {
  'an import upwards': {
    rule: 'floors',
    files: {
      'src/devices/order.ts': "import { a } from './b.ts'\nimport { g } from '../access/gate.ts'\n",
    },
    at: 'src/devices/order.ts:2',
    what: /devices \(floor 3\) imports access \(floor 6\)/,
    instead: /function argument, or follow the journal/,
  },
  'a type import upwards': {
    rule: 'floors',
    files: { 'src/store/x.ts': "\nimport type { Gate } from '../access/gate.ts'\n" },
    at: 'src/store/x.ts:2',
    what: /strictly down/,
    instead: /move the shape down/,
  },
  'an inline type import upwards': {
    rule: 'floors',
    files: { 'src/store/x.ts': "export type G = import('../access/gate.ts').Gate\n" },
    at: 'src/store/x.ts:1',
    what: /strictly down/,
    instead: /move the shape down/,
  },
  'a late import upwards': {
    rule: 'floors',
    files: { 'src/store/x.ts': "export const g = () => import('../access/gate.ts')\n" },
    at: 'src/store/x.ts:1',
    what: /strictly down/,
    instead: /journal/,
  },
  'a stranger of the same floor': {
    rule: 'floors',
    files: { 'src/identity/x.ts': "import { n } from '../notices/notices.ts'\n" },
    at: 'src/identity/x.ts:1',
    what: /strangers/,
    instead: /postern\.ts hand it over/,
  },
  'a browser page behind the contract': {
    rule: 'floors',
    files: { 'web/console/main.tsx': "import { hour } from '../../src/base/clock.ts'\n" },
    at: 'web/console/main.tsx:1',
    what: /web may not see src\/base\/clock\.ts/,
    instead: /graph\/contract\.ts/,
  },
  'product code that leans on tests': {
    rule: 'floors',
    files: { 'src/cli/x.ts': "import { h } from '../../test/house.ts'\n" },
    at: 'src/cli/x.ts:1',
    what: /imports test/,
    instead: /./,
  },
  'a file in no room': {
    rule: 'floors',
    files: { 'src/odds/ends.ts': type },
    at: 'src/odds/ends.ts:1',
    what: /no room/,
    instead: /floor to check\/floors\.ts/,
  },
  'a room entered through the wall': {
    rule: 'floors',
    files: {
      'src/devices/devices.ts': `/** A. */\n${type}`,
      'src/access/x.ts': "import { records } from '../devices/records.ts'\n",
    },
    at: 'src/access/x.ts:1',
    what: /inside the room devices/,
    instead: /enter by src\/devices\/devices\.ts/,
  },
  'another room’s migrations': {
    rule: 'floors',
    files: { 'src/access/x.ts': "import { m } from '../devices/migrations.ts'\n" },
    at: 'src/access/x.ts:1',
    what: /inside the room devices/,
    instead: /enter by/,
  },
  'a part that only the composition root may take': {
    rule: 'floors',
    files: { 'src/cli/x.ts': "import { k } from '../enrollment/key-store.ts'\n" },
    at: 'src/cli/x.ts:1',
    what: /inside the room enrollment/,
    instead: /enter by src\/enrollment\/enrollment\.ts/,
  },
  'a seventh stone in the base': {
    rule: 'floors',
    files: { 'src/store/x.ts': "import { odds } from '../base/odds.ts'\n" },
    at: 'src/store/x.ts:1',
    what: /inside the room base/,
    instead: /clock\.ts/,
  },
  'a builtin in a pure file': {
    rule: 'purity',
    files: { 'src/access/decide.ts': "import { readFileSync } from 'node:fs'\n" },
    at: 'src/access/decide.ts:1',
    what: /imports node:fs/,
    instead: /front file or records\.ts/,
  },
  'the clock in a pure file': {
    rule: 'purity',
    files: { 'src/compliance/judge.ts': 'export const f = (a: number) =>\n  a + Date.now()\n' },
    at: 'src/compliance/judge.ts:2',
    what: /Date\.now/,
    instead: /now: Instant/,
  },
  'a date of now in a codec': {
    rule: 'purity',
    files: { 'src/wire/eas/x.ts': 'export const f = () => new Date()\n' },
    at: 'src/wire/eas/x.ts:1',
    what: /new Date\(\)/,
    instead: /now: Instant/,
  },
  'randomness in a pure file': {
    rule: 'purity',
    files: { 'src/access/decide.ts': 'export const f = () => globalThis.crypto.randomUUID()\n' },
    at: 'src/access/decide.ts:1',
    what: /crypto\.randomUUID/,
    instead: /base\/id\.ts/,
  },
  'a timer in a pure file': {
    rule: 'purity',
    files: { 'src/devices/order.ts': 'export const f = () => setImmediate(() => {})\n' },
    at: 'src/devices/order.ts:1',
    what: /setImmediate/,
    instead: /recheckAt/,
  },
  'the network in a pure file, as a value': {
    rule: 'purity',
    files: { 'src/devices/order.ts': 'export const f = { ask: fetch }\n' },
    at: 'src/devices/order.ts:1',
    what: /uses fetch/,
    instead: /front file asks/,
  },
  'a print in a pure file': {
    rule: 'purity',
    files: { 'src/directory/names.ts': "export const f = () => console.log('x')\n" },
    at: 'src/directory/names.ts:1',
    what: /console\.log/,
    instead: /reasons/,
  },
  'a second clock': {
    rule: 'edges',
    files: { 'src/gateway/x.ts': 'export const f = () =>\n  setTimeout(() => {}, 5)\n' },
    at: 'src/gateway/x.ts:2',
    what: /setTimeout outside src\/base\/clock\.ts/,
    instead: /clock\.after/,
  },
  'a stop watch in the product': {
    rule: 'edges',
    files: { 'src/store/x.ts': 'export const t = performance.now()\n' },
    at: 'src/store/x.ts:1',
    what: /performance\.now/,
    instead: /Clock/,
  },
  'a timer by import': {
    rule: 'edges',
    files: { 'src/store/x.ts': "import { setTimeout } from 'node:timers/promises'\n" },
    at: 'src/store/x.ts:1',
    what: /node:timers/,
    instead: /sleep\(\)/,
  },
  'the environment outside config': {
    rule: 'edges',
    files: { 'src/cli/x.ts': "export const h = process.env['HOME']\n" },
    at: 'src/cli/x.ts:1',
    what: /process\.env.* outside src\/config\.ts/,
    instead: /schema/,
  },
  'the environment by destructuring': {
    rule: 'edges',
    files: { 'src/cli/x.ts': 'const { env } = process\nexport const h = env\n' },
    at: 'src/cli/x.ts:1',
    what: /as a whole/,
    instead: /name the member/,
  },
  'an exit outside main': {
    rule: 'edges',
    files: { 'src/postern.ts': '\n\nexport const f = () => process.exit(1)\n' },
    at: 'src/postern.ts:3',
    what: /process\.exit outside src\/main\.ts/,
    instead: /throw, or set process\.exitCode/,
  },
  'a cycle': {
    rule: 'cycles',
    files: {
      'src/store/a.ts': "import { b } from './b.ts'\nexport const a = b\n",
      'src/store/b.ts': "import { c } from './c.ts'\nexport const b = c\n",
      'src/store/c.ts': "\nimport { a } from './a.ts'\nexport const c = a\n",
    },
    at: 'src/store/c.ts:2',
    what: /src\/store\/a\.ts -> src\/store\/b\.ts -> src\/store\/c\.ts -> src\/store\/a\.ts/,
    instead: /third file/,
  },
  'a long file': {
    rule: 'sizes',
    files: { 'src/store/x.ts': long(501) },
    at: 'src/store/x.ts:1',
    what: /501 lines, more than 500/,
    instead: /split it/,
  },
  'a long front': {
    rule: 'sizes',
    files: { 'src/store/store.ts': '/** N. */\n'.repeat(200) },
    at: 'src/store/store.ts:1',
    what: /front of 200 lines/,
    instead: /files beside it/,
  },
  'a long function': {
    rule: 'sizes',
    files: { 'src/store/x.ts': `\n${body(71)}` },
    at: 'src/store/x.ts:2',
    what: /f has 71 lines, more than 70/,
    instead: /steps/,
  },
  'a ratchet with slack': {
    rule: 'sizes',
    files: { 'src/store/x.ts': body(75) },
    rest: { ratchet: { 'function src/store/x.ts f': 80 } },
    at: 'src/store/x.ts:1',
    what: /allows 'function src\/store\/x\.ts f' more than it needs/,
    instead: /lower it to 75/,
  },
  'a ratchet for nothing': {
    rule: 'sizes',
    files: {},
    rest: { ratchet: { 'lines src/store/x.ts': 600 } },
    at: 'check/ratchet.ts:1',
    what: /no longer there/,
    instead: /remove the entry/,
  },
  'an empty word as a file': {
    rule: 'words',
    files: { 'src/store/date-utils.ts': type },
    at: 'src/store/date-utils.ts:1',
    what: /'util'/,
    instead: /what it does/,
  },
  'an empty word as a name': {
    rule: 'words',
    files: { 'src/store/x.ts': '\nexport class DeviceManager {}\n' },
    at: 'src/store/x.ts:2',
    what: /'DeviceManager' says 'manager'/,
    instead: /keeps or decides/,
  },
  'a coloured list in a page': {
    rule: 'words',
    files: { 'docs/flow.md': '# Flow\n\nThe whitelist wins.\n' },
    at: 'docs/flow.md:3',
    what: /whitelist/,
    instead: /allowed list/,
  },
  'a generated page that lags': {
    rule: 'docs',
    files: { 'docs/limits.md': '# Limits\nold\n' },
    rest: { pages: new Map([['docs/limits.md', '# Limits\nnew\n']]) },
    at: 'docs/limits.md:2',
    what: /differs from the code/,
    instead: /npm run docs/,
  },
  'a dependency without a reason': {
    rule: 'docs',
    files: {
      'package.json': '{\n  "dependencies": {\n    "zod": "1",\n    "left-pad": "1"\n  }\n}\n',
      'docs/decisions/0002-dependencies.md': '| `zod` | edges parse once |\n',
    },
    at: 'package.json:4',
    what: /left-pad has no reason/,
    instead: /add a row/,
  },
  'a reason without a dependency': {
    rule: 'docs',
    files: {
      'package.json': '{}',
      'docs/decisions/0002-dependencies.md': '# Why\n| `zod` | edges parse once |\n',
    },
    at: 'docs/decisions/0002-dependencies.md:2',
    what: /no dependency any more/,
    instead: /remove the row/,
  },
  'a word twice': {
    rule: 'docs',
    files: { 'docs/words.md': '| word | meaning |\n|---|---|\n| gate, door | a |\n| door | b |\n' },
    at: 'docs/words.md:4',
    what: /'door' stands here twice/,
    instead: /one row/,
  },
  'a decision that rambles': {
    rule: 'docs',
    files: { 'docs/decisions/0009-x.md': 'why\n'.repeat(41) },
    at: 'docs/decisions/0009-x.md:41',
    what: /41 lines/,
    instead: /context, choice and price/,
  },
  'a page that outlives a file': {
    rule: 'docs',
    files: { 'docs/flow.md': '# Flow\nFirst `src/gateway/gone.ts` reads.\n' },
    at: 'docs/flow.md:2',
    what: /src\/gateway\/gone\.ts does not exist/,
    instead: /does this now/,
  },
  'a link that leads nowhere': {
    rule: 'docs',
    files: { 'docs/flow.md': 'See [this](admin/gone.md#top).\n' },
    at: 'docs/flow.md:1',
    what: /docs\/admin\/gone\.md does not exist/,
    instead: /does this now/,
  },
  'a path of this machine': {
    rule: 'places',
    files: { 'docs/flow.md': `\nIt stands in ${machine}.\n` },
    at: 'docs/flow.md:2',
    what: /path of one machine/,
    instead: /relative to the repository/,
  },
  'a registry in the lock file': {
    rule: 'places',
    files: { 'package-lock.json': '{\n"resolved": "https://registry.example/x.tgz"\n}\n' },
    at: 'package-lock.json:2',
    what: /registry/,
    instead: /\.npmrc/,
  },
  'an import without its ending': {
    rule: 'modules',
    files: { 'src/store/x.ts': "import { a } from './a'\n" },
    at: 'src/store/x.ts:1',
    what: /no real ending/,
    instead: /\.ts/,
  },
  'a builtin without node:': {
    rule: 'modules',
    files: { 'src/store/x.ts': "import { readFile } from 'fs/promises'\n" },
    at: 'src/store/x.ts:1',
    what: /builtin/,
    instead: /node:fs\/promises/,
  },
  'a default export': {
    rule: 'modules',
    files: { 'src/store/x.ts': 'const a = 1\nexport default a\n' },
    at: 'src/store/x.ts:2',
    what: /default export/,
    instead: /by its name/,
  },
  'a barrel of all': {
    rule: 'modules',
    files: { 'src/store/x.ts': "export * from './a.ts'\n" },
    at: 'src/store/x.ts:1',
    what: /barrel/,
    instead: /declares it/,
  },
  'a barrel of one type': {
    rule: 'modules',
    files: { 'src/store/x.ts': "export type { A } from './a.ts'\n" },
    at: 'src/store/x.ts:1',
    what: /barrel/,
    instead: /declares it/,
  },
  'an any': {
    rule: 'modules',
    files: { 'src/store/x.ts': '\nexport const f = (a: unknown) => a as any // why not\n' },
    at: 'src/store/x.ts:2',
    what: /^any$/,
    instead: /unknown/,
  },
  'a lonely test': {
    rule: 'modules',
    files: { 'src/store/x.test.ts': "test('a', () => {})\ntest.only('b', () => {})\n" },
    at: 'src/store/x.test.ts:2',
    what: /test\.only\(\)/,
    instead: /run every test/,
  },
  'a test left out by option': {
    rule: 'modules',
    files: { 'test/story/x.test.ts': "test('a', { skip: 'slow' }, () => {})\n" },
    at: 'test/story/x.test.ts:1',
    what: /\{ skip \}/,
    instead: /run every test/,
  },
  'what does not parse': {
    rule: 'modules',
    files: { 'src/store/x.ts': 'export const a = 1\nexport const = 2\n' },
    at: 'src/store/x.ts:2',
    what: /./,
    instead: /parses/,
  },
  'a bare cast': {
    rule: 'casts',
    files: { 'src/store/x.ts': 'export const f = (a: unknown) =>\n  a as string\n' },
    at: 'src/store/x.ts:2',
    what: /cast without its reason/,
    instead: /why the claim holds/,
  },
  'a front name without a docstring': {
    rule: 'docstrings',
    files: {
      'src/store/store.ts': '/** One. */\nexport type A = string\n\nexport type B = string\n',
    },
    at: 'src/store/store.ts:4',
    what: /B is exported/,
    instead: /one sentence/,
  },
  'logic that no test names': {
    rule: 'tested',
    files: { 'src/store/x.ts': long(61) },
    at: 'src/store/x.ts:1',
    what: /1 files that no test names: src\/store\/x\.ts/,
    instead: /x\.test\.ts beside/,
  },
  'a test of what is gone': {
    rule: 'tested',
    files: { 'src/store/x.test.ts': '// This also holds src/store/gone.ts.\nexport {}\n' },
    at: 'src/store/x.test.ts:1',
    what: /src\/store\/gone\.ts is not there/,
    instead: /took its place/,
  },
}

for (const [name, { rule, files, at, what, instead, rest }] of Object.entries(planted)) {
  test(`tidy finds ${name}`, () => {
    const found = inspect(plant(files, rest)).filter((one) => one.rule === rule)
    const places = found.map(({ path, line }) => `${path}:${line}`)
    assert.deepEqual(places, [at], found.map(tell).join('\n'))
    assert.match(found[0]?.what ?? '', what)
    assert.match(found[0]?.instead ?? '', instead)
  })
}

function plant(files: Readonly<Record<string, string>>, rest?: Planted['rest']): Tree {
  return readTree(new Map(Object.entries({ ...words, ...files })), rest)
}
