import { pino } from 'pino'
import { asFailure } from './failures.ts'

/** Structured log: an event name and its fields. Never a secret: pass ids, codes and counts. */
export interface Log {
  info(event: string, fields?: Fields): void
  warn(event: string, fields?: Fields): void
  /** Logs what was thrown under its failure id, and returns that id for the answer. */
  error(event: string, thrown: unknown, fields?: Fields): string
}

type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** JSON lines on standard error (or `destination`), level `info` unless told otherwise. */
export function createLog(options: { level?: string; destination?: string } = {}): Log {
  const target = pino.destination({ dest: options.destination ?? 2, sync: true })
  const out = pino({ level: options.level ?? 'info', base: null }, target)
  return {
    info: (event, fields) => out.info({ ...fields, event }),
    warn: (event, fields) => out.warn({ ...fields, event }),
    error(event, thrown, fields) {
      const failure = asFailure(thrown)
      const cause = failure.cause instanceof Error ? failure.cause.stack : undefined
      out.error({
        ...fields,
        event,
        id: failure.id,
        code: failure.code,
        detail: failure.detail,
        cause,
      })
      return failure.id
    },
  }
}

export const silentLog: Log = {
  info: () => {},
  warn: () => {},
  error: (_event, thrown) => asFailure(thrown).id,
}
