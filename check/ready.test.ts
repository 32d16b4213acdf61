import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const lock = {
  packages: {
    '': { name: 'x' },
    'node_modules/node': { version: '24.0.0' },
    'node_modules/linter': { version: '1.0.0', dev: true },
    'node_modules/elsewhere': { version: '1.0.0', optional: true },
  },
}

/** A clone with pretended npm, dpkg-query and vite: each notes how it was called. */
async function clone(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'ready-'))
  t.after(() => rm(root, { recursive: true }))
  const write = async (path: string, text: string, mode = 0o644) => {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
    await chmod(join(root, path), mode)
  }
  const lockOf = (withDev: boolean) =>
    JSON.stringify({
      packages: Object.fromEntries(
        Object.entries(lock.packages).filter(
          ([path, entry]) =>
            path !== '' && !('optional' in entry) && (withDev || !('dev' in entry)),
        ),
      ),
    })
  await write('package.json', '{ "type": "module" }')
  await write('package-lock.json', JSON.stringify(lock))
  await write('full.json', lockOf(true))
  await write('lean.json', lockOf(false))
  for (const name of ['ready.js', 'built.js'])
    await cp(fileURLToPath(new URL(`../bin/${name}`, import.meta.url)), join(root, 'bin', name))
  const npm = [
    '#!/bin/sh',
    'echo "npm $*" >> called; echo npm speaks',
    'rm -rf node_modules; mkdir -p node_modules/node/bin node_modules/vite/bin',
    `ln -s '${process.execPath}' node_modules/node/bin/node`,
    'case "$*" in *omit=dev*) cp lean.json node_modules/.package-lock.json;;',
    '*) cp full.json node_modules/.package-lock.json;; esac',
    'cp vite.cjs node_modules/vite/bin/vite.js',
    'echo \'{"type":"commonjs"}\' > node_modules/vite/package.json',
  ]
  const vite =
    "require('node:fs').appendFileSync('called', `vite ${process.argv[2]} ${process.argv[4]}\\n`)"
  await write('vite.cjs', vite)
  await write('fake/npm', `${npm.join('\n')}\n`, 0o755)
  const packages =
    'for name; do case "$name" in -*|*{*) ;; *) echo "$name installed";; esac; done\n'
  await write('fake/dpkg-query', `#!/bin/sh\n${packages}`, 0o755)
  return {
    write,
    touch: (path: string, at: Date) => utimes(join(root, path), at, at),
    /** Runs it and tells which tools were called, in order. */
    async ready(purpose: string): Promise<readonly string[]> {
      await write('called', '')
      const { PATH = '' } = process.env
      const env = { ...process.env, PATH: `${join(root, 'fake')}:${PATH}` }
      const script = join(root, 'bin/ready.js')
      const done = spawnSync(process.execPath, [script, purpose], { env, encoding: 'utf8' })
      assert.equal(done.status, 0, done.stderr)
      assert.equal(done.stdout, '', 'standard output belongs to the address')
      const called = await readFile(join(root, 'called'), 'utf8')
      return called.trim().split('\n').filter(Boolean)
    },
  }
}

const lean = 'npm ci --omit=dev --loglevel=error --no-audit --no-fund'
const full = 'npm ci --include=dev --loglevel=error --no-audit --no-fund'

test('a start installs once, without development tools', async (t) => {
  const { ready } = await clone(t)
  assert.deepEqual(await ready('start'), [lean])
  assert.deepEqual(await ready('start'), [])
})

test('the tests add the development tools, and a start is content with them', async (t) => {
  const { ready } = await clone(t)
  assert.deepEqual(await ready('start'), [lean])
  assert.deepEqual(await ready('test'), [full])
  assert.deepEqual(await ready('test'), [])
  assert.deepEqual(await ready('start'), [])
})

test('another version in the lock file, or a half written installation, installs again', async (t) => {
  const { ready, write } = await clone(t)
  await ready('start')
  await write('node_modules/.package-lock.json', '{ "packages": {')
  assert.deepEqual(await ready('start'), [lean])
  const changed = { ...lock.packages, 'node_modules/node': { version: '24.0.1' } }
  await write('package-lock.json', JSON.stringify({ packages: changed }))
  assert.deepEqual(await ready('start'), [lean])
})

test('pages and server are built where their sources are, and again when a source is newer', async (t) => {
  const { ready, write, touch } = await clone(t)
  await ready('start')
  await write('web/console/main.tsx', '')
  await write('src/graph/contract.ts', '')
  await write('vite.config.ts', '')
  await write('vite.server.ts', '')
  const web = 'vite build vite.config.ts'
  const server = 'vite build vite.server.ts'
  assert.deepEqual(await ready('start'), [web, server])
  const soon = new Date(Date.now() + 5000)
  assert.deepEqual(await ready('start'), [])
  await touch('web/console/main.tsx', soon)
  assert.deepEqual(await ready('start'), [web])
  await touch('src/graph/contract.ts', soon)
  assert.deepEqual(await ready('start'), [web, server])
})
