// Runs in a thread of its own, which `holes-thread.ts` begins: answers what it was given, and ends.
import { parentPort, workerData } from 'node:worker_threads'
import { findHoles, type HolesAsked } from './holes.ts'

const found = findHoles(workerData as HolesAsked) // what holes-thread.ts gives
parentPort?.postMessage(found, [])
