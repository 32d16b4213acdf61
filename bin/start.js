// What `npm start` runs, from a bare clone too: makes ready what is missing, then serves.
import { makeReady } from './ready.js'

if (makeReady('start')) {
  process.argv.splice(2, 0, 'run')
  await import('./postern.js')
} else {
  process.exitCode = 1
}
