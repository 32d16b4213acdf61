import { type ClientAppType, clientAppTypes, type DevicePlatform, platforms } from '../policy.ts'
import type { SignIn } from '../sign-in.ts'

/** What a sign-in tells of its client. There are so few that all can be looked at beforehand. */
export type ClientState = Required<Pick<SignIn, 'client' | 'platform' | 'token'>>

const types: readonly (ClientAppType | undefined)[] = [undefined, ...clientAppTypes]
const systems: readonly (DevicePlatform | undefined)[] = [undefined, ...platforms]

/** Every one, at the place that `numberOfClient` gives. */
export const clientStates: readonly ClientState[] = types.flatMap((client) =>
  systems.flatMap((platform) => [false, true].map((token) => ({ client, platform, token }))),
)

const typeNumbers = new Map(types.map((type, n) => [type, n * systems.length * 2]))
const systemNumbers = new Map(systems.map((system, n) => [system, n * 2]))

export function numberOfClient({ client, platform, token }: SignIn): number {
  return (
    (typeNumbers.get(client) ?? 0) + (systemNumbers.get(platform) ?? 0) + (token === true ? 1 : 0)
  )
}
