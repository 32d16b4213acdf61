import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What one run of wrk saw. */
export interface WrkSeen {
  readonly requests: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Answers that were no success, and broken connections. */
  readonly errors: number
}

/** Loads `url` over 32 connections with the requests of a script. */
export async function runWrk(script: string, url: string, seconds: number): Promise<WrkSeen> {
  const args = ['-t', '1', '-c', '32', '-d', `${seconds}s`, '--latency', '-s', script, url]
  const { stdout } = await promisify(execFile)('wrk', args)
  const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? 0)
  const socketErrors = /Socket errors: (.*)/.exec(stdout)?.[1]?.match(/\d+/g) ?? []
  return {
    requests: number(/(\d+) requests in/),
    perSecond: number(/Requests\/sec: +([\d.]+)/),
    p50Ms: milliseconds(/^ +50% +(\S+)/m.exec(stdout)?.[1]),
    p99Ms: milliseconds(/^ +99% +(\S+)/m.exec(stdout)?.[1]),
    errors:
      number(/Non-2xx or 3xx responses: (\d+)/) +
      socketErrors.reduce((sum, count) => sum + Number(count), 0),
  }
}

function milliseconds(text = ''): number {
  const value = Number.parseFloat(text)
  if (text.endsWith('us')) return value / 1000
  return text.endsWith('ms') ? value : value * 1000
}

/** A wrk script that sends these requests in turn; `close` ends the connection after each. */
export function wrkScript(
  requests: readonly {
    path: string
    headers: Readonly<Record<string, string>>
    body: Uint8Array
  }[],
): string {
  const each = requests.map(({ path, headers, body }) => {
    const fields = Object.entries(headers).map(([name, value]) => `[${text(name)}]=${text(value)}`)
    return `  wrk.format("POST", ${text(path)}, {${fields.join(', ')}}, ${text(Buffer.from(body).toString('latin1'))}),`
  })
  return `
local requests
local at = 0
function init(args)
  requests = {
${each.join('\n')}
  }
end
function request()
  at = at % #requests + 1
  return requests[at]
end
`
}

/** A Lua string of these bytes. */
const text = (bytes: string): string =>
  `"${bytes.replaceAll(/[^ !#-[\]-~]/g, (one) => `\\${String(one.charCodeAt(0)).padStart(3, '0')}`)}"`
