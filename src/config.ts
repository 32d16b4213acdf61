import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { Failure } from './base/failures.ts'
import { Secret } from './base/secret.ts'

const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:\s]+):\d{1,5}$/, 'write HOST:PORT, for example 127.0.0.1:8443')
const httpUrl = z.url({ protocol: /^https?$/ })

const schema = z.strictObject({
  /** Folder of the embedded store, the keys and the local token. */
  data: z.string().min(1).default('data'),
  listen: address.default('127.0.0.1:8443'),
  /** Where users reach Postern, for the links in notices; default: from `listen`. */
  publicUrl: httpUrl.transform((url) => url.replace(/\/+$/, '')).optional(),
  /** Names of the TLS certificate that our own CA makes; ignored when `tls` is given. */
  names: z.array(z.string().min(1).max(253)).max(50).default(['localhost', '127.0.0.1']),
  tls: z.strictObject({ key: z.string(), certificate: z.string() }).optional(),
  /** `off`: plain HTTP, behind a proxy that terminates TLS. */
  plainHttp: z.boolean().default(false),
  /** How phones of EAS 14.0 and later are told to take the policy first: HTTP 449 and the status, or the status alone. */
  provisionDemand: z.enum(['both', 'status']).default('both'),
  /** `postgres://…`; default: SQLite in the data folder. */
  store: z.string().optional(),
  upstream: z
    .strictObject({
      /** EAS address of the mail server, for example http://127.0.0.1:20000/SOGo/Microsoft-Server-ActiveSync */
      eas: httpUrl,
      /** IMAP address of the same mailboxes; lets one connection per user notice new mail. */
      imap: z.url({ protocol: /^imaps?$/ }).optional(),
      /** Keep connections to it open; SOGo closes them without notice, so the default is off. */
      keepAlive: z.boolean().default(false),
      /** Highest EAS version it speaks well. */
      maxVersion: z.enum(['12.1', '14.0', '14.1', '16.0', '16.1']).default('14.1'),
    })
    .optional(),
  /** Where Postern's own mail goes; without it, mail to built-in mailboxes only. */
  smtp: z.strictObject({ url: z.url({ protocol: /^smtps?$/ }), from: z.email() }).optional(),
  /** Where push notifications go: a webhook, or with a topic (`{user}` is the sign-in name) an ntfy server. */
  push: z.strictObject({ url: httpUrl, topic: z.string().min(1).max(64).optional() }).optional(),
  /** Who is told, by signed security events, of every device that becomes compliant or ceases to be. */
  signals: z.strictObject({ url: httpUrl, audience: z.string().min(1).max(512) }).optional(),
  /** SMTP listener of the built-in mailbox. */
  mailListen: address.optional(),
  log: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

type Values = z.infer<typeof schema>

/** The configuration; secrets apart, so that printing it shows none. */
export interface Config extends Values {
  readonly secrets: {
    /** Password that the upstream accepts for every user; sent instead of the client's. */
    readonly upstream: Secret | undefined
    /** User and password within `smtp.url` are better given here, as `user:password`. */
    readonly smtp: Secret | undefined
    /** Bearer token that the receiver of pushes asks for. */
    readonly push?: Secret | undefined
    /** Bearer token that the receiver of security events asks for. */
    readonly signals?: Secret | undefined
    /** Seals the keys of our CA in the database, where several nodes share them; without it they are files of this node. */
    readonly keys: Secret | undefined
  }
}

const secretNames = {
  upstream: 'POSTERN_UPSTREAM_SECRET',
  smtp: 'POSTERN_SMTP_SECRET',
  push: 'POSTERN_PUSH_SECRET',
  signals: 'POSTERN_SIGNALS_SECRET',
  keys: 'POSTERN_KEYS_SECRET',
} as const

/** What the environment may set, besides the secrets. */
const fromEnvironment: Record<string, keyof Values> = {
  POSTERN_DATA: 'data',
  POSTERN_LISTEN: 'listen',
  POSTERN_PUBLIC_URL: 'publicUrl',
  POSTERN_STORE: 'store',
  POSTERN_MAIL_LISTEN: 'mailListen',
  POSTERN_LOG: 'log',
}

/** Names that the CLI reads for itself. */
const cliNames = ['POSTERN_URL', 'POSTERN_TOKEN', 'POSTERN_CONFIG', 'POSTERN_ACTOR']

type Environment = Readonly<Record<string, string | undefined>>

/**
 * File, then environment, then arguments; the later wins. Throws `config.invalid`, naming the key; an unknown key or an
 * unknown `POSTERN_…` name is an error too.
 */
export function readConfig(
  argued: { file?: string | undefined; data?: string | undefined; listen?: string | undefined },
  environment: Environment = process.env,
): Config {
  const file = argued.file ?? environment['POSTERN_CONFIG']
  const values: Record<string, unknown> = file === undefined ? {} : readYaml(file)
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('POSTERN_') || value === undefined) continue
    const key = fromEnvironment[name]
    if (key) values[key] = value
    else if (!isSecretName(name) && !cliNames.includes(name))
      throw new Failure(
        'config.invalid',
        `the environment sets ${name}, which Postern does not know`,
      )
  }
  if (argued.data !== undefined) values['data'] = argued.data
  if (argued.listen !== undefined) values['listen'] = argued.listen
  const parsed = schema.safeParse(values)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Failure(
      'config.invalid',
      `${issue?.path.join('.') || 'configuration'}: ${issue?.message}`,
    )
  }
  return {
    ...parsed.data,
    data: resolve(parsed.data.data),
    secrets: {
      upstream: readSecret(secretNames.upstream, environment),
      smtp: readSecret(secretNames.smtp, environment),
      push: readSecret(secretNames.push, environment),
      signals: readSecret(secretNames.signals, environment),
      keys: readSecret(secretNames.keys, environment),
    },
  }
}

/** Where the CLI finds a running Postern, and who types, if the environment says so. */
export function readCliEnvironment(environment: Environment = process.env): {
  url: string | undefined
  token: Secret | undefined
  actor: string | undefined
} {
  return {
    url: environment['POSTERN_URL'],
    token: readSecret('POSTERN_TOKEN', environment),
    actor: environment['POSTERN_ACTOR'],
  }
}

const isSecretName = (name: string): boolean =>
  Object.values(secretNames).some((secret) => name === secret || name === `${secret}_FILE`) ||
  name === 'POSTERN_TOKEN_FILE'

function readSecret(name: string, environment: Environment): Secret | undefined {
  const file = environment[`${name}_FILE`]
  const text = file === undefined ? environment[name] : readText(file, `${name}_FILE`).trim()
  return text ? new Secret(text) : undefined
}

function readText(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Failure('config.invalid', `${what}: cannot read ${file}`, { cause })
  }
}

function readYaml(file: string): Record<string, unknown> {
  let value: unknown
  try {
    value = parse(readText(file, 'configuration'))
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    throw new Failure('config.invalid', `${file} is not YAML`, { cause })
  }
  if (value === null || value === undefined) return {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw new Failure('config.invalid', `${file} must hold keys and values`)
  return { ...value }
}
