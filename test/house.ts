import type { Config } from '../src/config.ts'
import { type Stage, setStage } from '../src/demo/stage.ts'
import { startPostern, type World } from '../src/postern.ts'

/** A whole Postern in this process, on a free port and a throw-away folder. */
export interface House extends Stage {
  /** PEM certificate that its TLS is checked against. */
  readonly authority: string
  /** Of an administrator, as the data folder holds it. */
  readonly token: string
}

/** Starts one; `changes` go over the defaults, for example an upstream or a store. `world` replaces clock or log. */
export async function startHouse(changes: Partial<Config> = {}, world: World = {}): Promise<House> {
  let local = { authority: '', token: '' }
  const stage = await setStage(async (config) => {
    const running = await startPostern(config, world)
    local = running.local
    return running
  }, changes)
  return { ...stage, authority: local.authority, token: local.token }
}
