import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeWbxml } from '../src/wire/wbxml/wbxml.ts'
import { syncRequest } from '../test/wbxml-documents.ts'
import { makeCertificate } from './yard/certificate.ts'
import { type Child, cpuMicros, startModule } from './yard/child.ts'
import { startNginx } from './yard/nginx.ts'
import { type PosternChild, startPosternChild } from './yard/postern.ts'
import { least, percentile, print } from './yard/report.ts'
import { openRoundTrip, type RoundTrip } from './yard/round-trip.ts'
import { runWrk, wrkScript } from './yard/wrk.ts'

/*
 * One EAS request through the allowed path of a whole Postern, beside the same upstream called directly, beside nginx
 * `proxy_pass`, and beside nginx `auth_request` with a small node:http server: `npm run bench -- eas`. All ways take turns
 * within one run, and the best round of each counts. Needs nginx-light, wrk and openssl of Debian.
 *
 * A server runs for weeks, so every way is loaded for `--warm` seconds first: by then V8 has compiled what is asked often. What
 * a request cost until then is told beside it, from a cold start.
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '2' },
    phones: { type: 'string', default: '32' },
    /** Seconds of load before the first round. */
    warm: { type: 'string', default: '8' },
    /** Ways to leave out all others, for example `--only nginx,postern`. */
    only: { type: 'string' },
    /** A flag for Postern's Node, for example --cpu-prof. */
    node: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean' },
  },
})

/** What a request goes through. */
interface Way {
  readonly name: string
  readonly port: number
  /** PEM that its TLS is checked against. */
  readonly ca?: string | undefined
  /** Whose processor time is counted; none for `direct`. */
  readonly pids: readonly number[]
}

interface Measured {
  /** Processor time of a request while warming up. */
  cold: number[]
  cpu: number[]
  perSecond: number[]
  p99Ms: number[]
  sequential: number[]
}

type WireRequest = Parameters<typeof wrkScript>[0][number]

const folder = await mkdtemp(join(tmpdir(), 'postern-bench-'))
const started: Child[] = []
const keep = <C extends Child>(child: C): C => {
  started.push(child)
  return child
}
try {
  await main()
} finally {
  for (const child of started.reverse()) await child.stop()
  await rm(folder, { recursive: true, force: true })
}

async function main(): Promise<void> {
  const upstream = keep(await startModule('upstream.ts'))
  const upstreamPort = Number(upstream.told)
  const tls = await makeCertificate(folder)
  const nodeFlags = values.node
  const plain = keep(await startPosternChild({ upstreamPort, nodeFlags }))
  const secure = keep(await startPosternChild({ upstreamPort, nodeFlags, tls }))
  const requests = { plain: await phones(plain), tls: await phones(secure) }
  const devices = requests.plain.map(
    ({ path }) => new URL(path, 'http://x').searchParams.get('DeviceId') ?? '',
  )
  const auth = keep(await startModule('auth.ts', devices))
  const nginx = keep(await startNginx({ upstreamPort }))
  const asking = keep(await startNginx({ upstreamPort, authPort: Number(auth.told) }))
  const nginxTls = keep(await startNginx({ upstreamPort, tls }))
  const all: Way[] = [
    { name: 'direct', port: upstreamPort, pids: [] },
    { name: 'nginx', port: nginx.port, pids: [nginx.pid] },
    { name: 'nginx auth_request', port: asking.port, pids: [asking.pid, auth.pid] },
    { name: 'postern', port: plain.port, pids: [plain.pid] },
    { name: 'nginx tls', port: nginxTls.port, pids: [nginxTls.pid], ca: tls.pem },
    { name: 'postern tls', port: secure.port, pids: [secure.pid], ca: tls.pem },
  ]
  const only = values.only?.split(',')
  const ways = all.filter(({ name }) => !only || only.includes(name))
  const measured = await measure(ways, requests)
  report(measured)
}

/** Phones that have provisioned, and the request that each of them then sends. */
async function phones({ stage }: PosternChild): Promise<WireRequest[]> {
  const body = writeWbxml(syncRequest())
  const requests: WireRequest[] = []
  for (let count = 0; count < Number(values.phones); count++) {
    const user = `bench${count}`
    const password = `correct horse ${count}`
    await stage.addUser(user, password)
    const phone = stage.phone(user, `BENCH${count}`)
    await phone.provision({ model: 'iPhone14C2', os: 'iOS 17.5 21F79' })
    requests.push({
      path: `/Microsoft-Server-ActiveSync?Cmd=Sync&User=${user}&DeviceId=BENCH${count}&DeviceType=iPhone`,
      headers: {
        Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        'User-Agent': phone.userAgent,
        'MS-ASProtocolVersion': phone.version,
        'X-MS-PolicyKey': phone.policyKey ?? '0',
        'Content-Type': 'application/vnd.ms-sync.wbxml',
        Accept: '*/*',
        'Accept-Language': 'en-us',
        'Accept-Encoding': 'gzip, deflate',
      },
      body,
    })
  }
  return requests
}

async function measure(
  ways: readonly Way[],
  requests: Readonly<Record<'plain' | 'tls', readonly WireRequest[]>>,
): Promise<ReadonlyMap<string, Measured>> {
  const scripts = { plain: join(folder, 'plain.lua'), tls: join(folder, 'tls.lua') }
  await writeFile(scripts.plain, wrkScript(requests.plain))
  await writeFile(scripts.tls, wrkScript(requests.tls))
  const measured = new Map<string, Measured>()
  const lines = new Map<string, RoundTrip>()
  const kind = (way: Way) => (way.ca === undefined ? 'plain' : 'tls')
  for (const way of ways) {
    measured.set(way.name, { cold: [], cpu: [], perSecond: [], p99Ms: [], sequential: [] })
    lines.set(way.name, await openRoundTrip(way.port, way.ca))
  }
  await compareAnswers(ways, lines, requests)
  for (const way of ways) {
    const { cpu } = await load(way, scripts[kind(way)], Number(values.warm))
    measured.get(way.name)?.cold.push(cpu)
  }
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const way of ways) {
      const seen = await load(way, scripts[kind(way)], Number(values.seconds))
      const into = measured.get(way.name)
      into?.cpu.push(seen.cpu)
      into?.perSecond.push(seen.perSecond)
      into?.p99Ms.push(seen.p99Ms)
    }
    await sequential(ways, lines, requests, measured)
  }
  for (const line of lines.values()) line.close()
  return measured
}

/** Every way must give what the upstream gives. */
async function compareAnswers(
  ways: readonly Way[],
  lines: ReadonlyMap<string, RoundTrip>,
  requests: Readonly<Record<'plain' | 'tls', readonly WireRequest[]>>,
): Promise<void> {
  const seen = new Set<string>()
  for (const way of ways) {
    const [request] = requests[way.ca === undefined ? 'plain' : 'tls']
    const answer = (await lines.get(way.name)?.answer(bytesOf(request))) ?? ''
    const status = answer.slice(9, 12)
    if (status !== '200') throw new Error(`${way.name} answers ${status}`)
    const body = answer.slice(answer.indexOf('\r\n\r\n'))
    seen.add(/transfer-encoding: chunked/i.test(answer) ? unchunk(body) : body.slice(4))
  }
  if (seen.size !== 1) throw new Error('the ways do not give the same answer')
}

/** The first chunk of a chunked body: our answers come in one. */
const unchunk = (body: string): string => {
  const [, size = '', rest = ''] = /^\r\n\r\n([0-9a-f]+)\r\n([^]*)$/i.exec(body) ?? []
  return rest.slice(0, Number.parseInt(size, 16))
}

async function load(way: Way, script: string, seconds: number) {
  const before = way.pids.map(cpuMicros)
  const url = `${way.ca === undefined ? 'http' : 'https'}://127.0.0.1:${way.port}/`
  const seen = await runWrk(script, url, seconds)
  if (seen.errors > 0) throw new Error(`${way.name}: ${seen.errors} requests failed`)
  const micros = way.pids.reduce((sum, pid, at) => sum + cpuMicros(pid) - (before[at] ?? 0), 0)
  return { ...seen, cpu: way.pids.length > 0 ? micros / seen.requests : Number.NaN }
}

/** One request at a time on one connection, the ways in turn. */
async function sequential(
  ways: readonly Way[],
  lines: ReadonlyMap<string, RoundTrip>,
  requests: Readonly<Record<'plain' | 'tls', readonly WireRequest[]>>,
  measured: ReadonlyMap<string, Measured>,
): Promise<void> {
  const bytes = { plain: requests.plain.map(bytesOf), tls: requests.tls.map(bytesOf) }
  const times = new Map(ways.map((way) => [way.name, [] as number[]]))
  for (let turn = 0; turn < 400; turn++) {
    for (const way of ways) {
      const list = bytes[way.ca === undefined ? 'plain' : 'tls']
      const request = list[turn % list.length] ?? Buffer.alloc(0)
      times.get(way.name)?.push((await lines.get(way.name)?.micros(request)) ?? Number.NaN)
    }
  }
  for (const [name, list] of times) measured.get(name)?.sequential.push(percentile(list, 0.5))
}

function bytesOf(request: WireRequest | undefined): Buffer {
  if (!request) throw new Error('no phone')
  const fields = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `POST ${request.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${fields.join('')}Content-Length: ${request.body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), request.body])
}

function report(measured: ReadonlyMap<string, Measured>): void {
  const best = (name: string, of: keyof Measured) => least(measured.get(name)?.[of] ?? [Number.NaN])
  const direct = best('direct', 'sequential')
  const rows = [...measured].map(([name, { perSecond }]) => {
    const beside = name.endsWith('tls') ? 'nginx tls' : 'nginx'
    return [
      name,
      best(name, 'cold'),
      best(name, 'cpu'),
      best(name, 'cpu') / best(beside, 'cpu'),
      Math.max(...perSecond),
      best(name, 'p99Ms'),
      best(name, 'sequential') - (name === 'direct' ? 0 : direct),
    ]
  })
  const ratio = (one: string, other: string) => best(one, 'cpu') / best(other, 'cpu')
  print({
    title: `EAS Sync, ${values.phones} phones, 32 connections, best of ${values.rounds} rounds of ${values.seconds} s`,
    columns: [
      'way',
      `CPU µs/request, first ${values.warm} s`,
      'CPU µs/request',
      '× nginx',
      'requests/s',
      'p99 ms',
      'p50 added µs, 1 connection',
    ],
    rows,
    goals: [
      { what: 'CPU, Postern ÷ nginx', seen: ratio('postern', 'nginx'), goal: 2 },
      {
        what: 'CPU, nginx auth_request ÷ Postern',
        seen: ratio('nginx auth_request', 'postern'),
        goal: 4,
        atLeast: true,
      },
      { what: 'CPU over TLS, Postern ÷ nginx', seen: ratio('postern tls', 'nginx tls'), goal: 1.8 },
      {
        what: 'p50 latency, Postern − nginx, µs',
        seen: best('postern', 'sequential') - best('nginx', 'sequential'),
        goal: 120,
      },
    ],
  })
}
