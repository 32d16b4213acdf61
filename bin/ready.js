// Runs before `npm test`, and first of all in `npm start`, from a bare clone, under any Node from 20 on: so plain
// JavaScript, and nothing but builtins. Standard output stays empty: `npm start` prints its address there.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { isFresh, root, runtime, server, web } from './built.js'

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

/** Builds what is older than its sources; the stamp comes last, so that half a build counts as none. */
function build({ what, config, stamp, sources }) {
  if (!existsSync(root + config)) return true
  if (isFresh({ stamp, sources })) return true
  say(`postern: building ${what} ...`)
  rmSync(root + stamp, { force: true })
  const args = ['node_modules/vite/bin/vite.js', 'build', '--config', config, '--logLevel', 'warn']
  if (!run(root + runtime, args)) {
    say(`postern: building ${what} failed; see above`)
    return false
  }
  mkdirSync(dirname(root + stamp), { recursive: true })
  writeFileSync(root + stamp, '')
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

/** Makes a clone ready to `start`, or to `test`: installs and builds what is missing. False when it could not. */
export function makeReady(purpose) {
  const forTests = purpose === 'test'
  return install(forTests) && (!forTests || installDebianPackages()) && build(web) && build(server)
}

if (argv[1] === fileURLToPath(import.meta.url)) process.exitCode = makeReady(argv[2]) ? 0 : 1
