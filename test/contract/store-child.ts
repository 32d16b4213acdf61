import { writeSync } from 'node:fs'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openStore } from '../../src/store/store.ts'
import { addName, rankMigrations } from './store-kind.ts'

// Run by the contract as a process of its own: adds names until it is killed, and says each one once it is durable.
const [, , url = ''] = process.argv
const store = await openStore({
  url,
  migrations: rankMigrations,
  clock: systemClock,
  log: silentLog,
})
for (let i = 0; ; i++) {
  const name = `${process.pid}-${i}`
  await addName(store, name)
  writeSync(1, `${name}\n`)
}
