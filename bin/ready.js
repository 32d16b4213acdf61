// Runs before `npm start` and `npm test`, from a bare clone, under any Node from 20 on: so plain JavaScript, and
// nothing but builtins. Standard output stays empty: `npm start` prints its address there.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const runtime = 'node_modules/node/bin/node'
const builtStamp = 'dist/.web-built'

/** What the real-server tests stand on. */
const debianPackages = [
  'chromium',
  'curl',
  'dovecot-imapd',
  'dovecot-lmtpd',
  'libwbxml2-utils',
  'memcached',
  'nginx-light',
  'postgresql',
  'procps',
  'sogo',
  'sogo-activesync',
  'wrk',
]

function say(text) {
  process.stderr.write(`${text}\n`)
}

/** Runs a command with its output on standard error; true when it succeeded. */
function run(command, args, env = process.env) {
  return spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] }).status === 0
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(root + path, 'utf8'))
  } catch (error) {
    // Missing or half written: either way it is installed anew.
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Whether node_modules holds what the lock file asks for, by npm's own list of what it put there. */
function isInstalled(withDev) {
  const wanted = readJson('package-lock.json')?.packages
  const present = readJson('node_modules/.package-lock.json')?.packages
  if (!wanted || !present || !existsSync(root + runtime)) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || (entry.dev && !withDev)) return true
    const found = present[path]
    // Optional ones are for other machines.
    return found ? found.version === entry.version : entry.optional || entry.devOptional
  })
}

function install(withDev) {
  if (isInstalled(withDev)) return true
  say(`postern: installing packages${withDev ? '' : ' (without development tools)'} ...`)
  // npm replaces node_modules, so it must not run on the Node inside: leave that off the PATH.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.endsWith('node_modules/.bin'))
    .join(delimiter)
  const scope = withDev ? '--include=dev' : '--omit=dev'
  // Engine warnings are about the Node that installs, not the one that will run.
  const args = ['ci', scope, '--loglevel=error', '--no-audit', '--no-fund']
  if (run('npm', args, { ...process.env, PATH: path }) && existsSync(root + runtime)) return true
  say('postern: npm ci failed; see above')
  return false
}

/** The newest change below a file or folder, in milliseconds; 0 when it is not there. */
function newest(path) {
  if (!existsSync(root + path)) return 0
  const entry = statSync(root + path)
  if (!entry.isDirectory()) return entry.mtimeMs
  const inside = readdirSync(root + path).map((name) => newest(`${path}/${name}`))
  return Math.max(entry.mtimeMs, ...inside)
}

function buildWeb() {
  if (!existsSync(`${root}vite.config.ts`) || newest('web') === 0) return true
  const sources = ['web', 'vite.config.ts', 'src/graph/contract.ts', 'package-lock.json']
  if (newest(builtStamp) > Math.max(...sources.map(newest))) return true
  say('postern: building the web pages ...')
  rmSync(root + builtStamp, { force: true })
  if (!run(root + runtime, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'])) {
    say('postern: building the web pages failed; see above')
    return false
  }
  mkdirSync(`${root}dist`, { recursive: true })
  writeFileSync(root + builtStamp, '')
  return true
}

function missingDebianPackages() {
  const query = ['-W', '-f', '${Package} ${db:Status-Status}\\n', ...debianPackages]
  const { stdout } = spawnSync('dpkg-query', query, { encoding: 'utf8' })
  const present = new Set((stdout ?? '').split('\n'))
  return debianPackages.filter((name) => !present.has(`${name} installed`))
}

function installDebianPackages() {
  const missing = missingDebianPackages()
  if (missing.length === 0) return true
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    say(`postern: the tests need these Debian packages: ${missing.join(' ')}`)
    say(
      `postern: install them as root: apt-get install --no-install-recommends ${missing.join(' ')}`,
    )
    return false
  }
  say(`postern: installing Debian packages: ${missing.join(' ')} ...`)
  // The tests start servers of their own on free ports; Debian must start none beside them.
  const policy = '/usr/sbin/policy-rc.d'
  const ours = !existsSync(policy)
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const done =
    run('apt-get', ['update', '-q'], env) &&
    run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...missing], env)
  if (ours) rmSync(policy, { force: true })
  if (!done) say('postern: apt-get failed; see above')
  return done
}

const steps =
  process.argv[2] === 'test'
    ? [() => install(true), installDebianPackages, buildWeb]
    : [() => install(false), buildWeb]
process.exitCode = steps.every((step) => step()) ? 0 : 1
