import { startStopwatch } from '../base/clock.ts'
import { type Found, openScene, steps } from './play.ts'
import { setStage, type Start } from './stage.ts'

/** How the demo is played. */
export interface DemoOptions {
  /** One JSON object per step instead of prose. */
  readonly json: boolean
  /** Other phones that hold a Ping and a Sync each, meanwhile. */
  readonly devices: number
}

/** Plays the main job with real EAS over TLS in front of the reader. Resolves to whether every step held. */
export async function playDemo(
  { json, devices }: DemoOptions,
  start: Start,
  print: (line: string) => void,
): Promise<boolean> {
  const tell = (step: string, found: Found) => print((json ? lineOf : proseOf)(step, found))
  const read = startStopwatch()
  const stage = await setStage(start)
  const told = `a throw-away Postern serves ${stage.url}`
  tell('start', { ok: true, ms: read(), told })
  try {
    const scene = await openScene(stage, devices)
    for (const { name, play } of steps) {
      const found = await attempt(() => play(scene))
      tell(name, found)
      // The steps after one that failed would mean nothing.
      if (!found.ok) return false
    }
    return true
  } finally {
    await stage.stop()
  }
}

/** A step that throws is told as one that failed. */
async function attempt(play: () => Promise<Found>): Promise<Found> {
  const read = startStopwatch()
  try {
    return await play()
  } catch (thrown) {
    const told = thrown instanceof Error ? thrown.message : String(thrown)
    return { ok: false, ms: read(), told }
  }
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10

function lineOf(step: string, { ok, ms, told, figures = {} }: Found): string {
  const rounds = Object.entries(figures).map(([name, value]) => [name, rounded(value)])
  return JSON.stringify({ step, ok, ms: rounded(ms), told, ...Object.fromEntries(rounds) })
}

function proseOf(step: string, { ok, ms, told }: Found): string {
  return `${ok ? '  ok ' : 'FAIL '} ${`${ms.toFixed(1)} ms`.padStart(11)}  ${step.padEnd(10)} ${told}`
}
