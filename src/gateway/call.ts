import type { Admission } from '../access/gate.ts'
import type { Partnership } from '../devices/devices.ts'
import type { EasRequest } from '../wire/eas/request.ts'
import type { Carried } from './carried.ts'
import type { Caller } from './credentials.ts'
import type { Ending } from './ending.ts'

/** One admitted request on its way through the door. */
export interface EasCall {
  readonly carried: Carried
  readonly request: EasRequest
  readonly caller: Caller
  readonly partnership: Partnership
  readonly admission: Admission
  readonly ending: Ending
}

/** Commands whose body is a message: it may be large, and but for its first bytes is not read here on its way. */
const messages: readonly string[] = ['SendMail', 'SmartForward', 'SmartReply']

/** True for commands whose body passes in pieces. */
export const isMessage = (request: EasRequest): boolean => messages.includes(request.command)
