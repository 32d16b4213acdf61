#!/usr/bin/env node
// Plain JavaScript, so that any Node can start it: goes on under the Node that npm installed, with the compile cache on.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'
import { isFresh, server } from './built.js'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const runtime = path('../node_modules/node/bin/node')
const [major] = process.versions.node.split('.')

if (Number(major) >= 24) {
  // Types are stripped and code is compiled once per change, not once per start: half the time and 30 MB less memory. Kept
  // beside the code, so that whoever could poison the cache could change the code itself.
  module.enableCompileCache(path('../node_modules/.cache/postern'))
  // `node:sqlite` is an experiment by name only.
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') console.error(warning.stack)
  })
  await import(isFresh(server) ? '../lib/main.js' : '../src/main.ts')
} else if (existsSync(runtime)) {
  const args = ['--max-semi-space-size=8', path('postern.js'), ...process.argv.slice(2)]
  const child = spawn(runtime, args, { stdio: 'inherit' })
  // A signal for this process is meant for the child; this one lives only to pass on how the child ended.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(error.message)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    }
    process.exitCode = code ?? 1
  })
} else {
  console.error('postern: not installed yet; run `npm start` once, or `npm ci --omit=dev`')
  process.exitCode = 1
}
