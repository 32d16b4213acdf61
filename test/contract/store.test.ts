import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { type RealPostgres, startPostgres } from '../real/postgres.ts'
import { storeContract } from './store.ts'
import { nodesContract } from './store-nodes.ts'

storeContract({ name: 'SQLite in memory', kept: false, newUrl: async () => ':memory:' })

describe('SQLite', () => {
  let folder = ''
  let files = 0
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postern-store-'))
  })
  after(() => rm(folder, { recursive: true }))
  const newUrl = async () => join(folder, `${files++}`, 'postern.db')
  storeContract({ name: 'a SQLite file', kept: true, newUrl })
})

// Never skipped: where PostgreSQL is missing, starting it fails and names the package.
describe('PostgreSQL', () => {
  let server: RealPostgres | undefined
  before(async () => {
    server = await startPostgres()
  })
  after(() => server?.stop())
  const running = () => {
    if (!server) throw new Error('PostgreSQL did not start')
    return server
  }
  const newUrl = () => running().createDatabase()
  storeContract({ name: 'PostgreSQL', kept: true, newUrl })
  nodesContract(running)
})
