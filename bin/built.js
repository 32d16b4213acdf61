// What is built from the sources, and whether it is still what they say. Plain JavaScript for any Node from 20 on.
import { readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** The Node that npm installed. */
export const runtime = 'node_modules/node/bin/node'

/** The two browser apps. */
export const web = {
  what: 'the web pages',
  config: 'vite.config.ts',
  stamp: 'dist/.web-built',
  sources: [
    'web',
    'vite.config.ts',
    'src/graph/contract.ts',
    'src/graph/collections-contract.ts',
    'src/graph/audit-contract.ts',
    'src/graph/conditional-contract.ts',
    'src/graph/draft-contract.ts',
    'src/graph/rollout-contract.ts',
    'package-lock.json',
  ],
}

/** The server with its packages in a few files: it loads in half the time of the thousand that it is made of. */
export const server = {
  what: 'the server',
  config: 'vite.server.ts',
  stamp: 'lib/.built',
  sources: ['src', 'vite.server.ts', 'package-lock.json'],
}

/** The newest change below a file or folder, in milliseconds; 0 when it is not there. */
export function newest(path) {
  const entry = statSync(root + path, { throwIfNoEntry: false })
  if (!entry?.isDirectory()) return entry?.mtimeMs ?? 0
  return Math.max(
    entry.mtimeMs,
    ...readdirSync(root + path).map((name) => newest(`${path}/${name}`)),
  )
}

const found = new Set()

/** Whether it was built after the last change of its sources; where it was, that is found once per process. */
export function isFresh({ stamp, sources }) {
  if (!found.has(stamp) && newest(stamp) > Math.max(...sources.map(newest))) found.add(stamp)
  return found.has(stamp)
}
