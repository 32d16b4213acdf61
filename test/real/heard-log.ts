import type { Log } from '../../src/base/log.ts'

/** A log that is kept in lines. */
export function heardIn(lines: string[]): Log {
  const write = (event: string, fields: unknown) => void lines.push(JSON.stringify([event, fields]))
  return {
    info: write,
    warn: write,
    error(event, thrown, fields) {
      const said = thrown instanceof Error ? `${thrown.stack} ${thrown.message}` : String(thrown)
      write(event, { ...fields, said })
      return 'id'
    },
  }
}
