import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { storeFile } from '../fake/judging-rooms.ts'
import { type RealPostgres, startPostgres } from '../real/postgres.ts'

/** Makes a fresh store, and resolves to its URL. */
export type NewUrl = () => Promise<string>

/** Tests over stores in files, which are removed afterwards. */
export function onSqlite(name: string, tests: (newUrl: NewUrl) => void): void {
  describe(name, () => {
    const ends: (() => void)[] = []
    after(() => {
      for (const end of ends) end()
    })
    tests(async () => {
      const { url, remove } = storeFile()
      ends.push(remove)
      return url
    })
  })
}

/** Tests over databases of a PostgreSQL that runs meanwhile. */
export function onPostgres(name: string, tests: (newUrl: NewUrl) => void): void {
  describe(name, () => {
    let server: RealPostgres | undefined
    before(async () => {
      server = await startPostgres()
    })
    after(() => server?.stop())
    tests(async () => (await server?.createDatabase()) ?? assert.fail('no PostgreSQL'))
  })
}
