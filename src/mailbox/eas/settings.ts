import type { User } from '../../directory/directory.ts'
import { readSettings, type SettingsAnswer, writeSettings } from '../../wire/eas/settings.ts'
import { type Command, refuse, wbxmlAnswer } from './answer.ts'

/**
 * Settings (MS-ASCMD 2.2.1.18). Always Status 1 at the top: clients give up the whole account on any other one. The door has
 * recorded DeviceInformation before. In quarantine nobody is told whose mailbox this is.
 */
export function createSettings(who: () => Promise<User | undefined>): Command {
  return async ({ request, root }) => {
    if (!root) return refuse(request, 103)
    const asked = readSettings(root)
    const user = asked.userInformation ? await who() : undefined
    const answer: SettingsAnswer = {
      status: 1,
      ...(asked.deviceInformation && { deviceInformation: 1 }),
      // Out-of-office answers are not kept here: reading says "disabled", writing is denied (7 would blame a policy).
      ...(asked.oofGet && { oofGet: 1 }),
      ...(asked.oofSet && { oofSet: 3 }),
      ...(asked.userInformation && {
        userInformation: {
          addresses: user ? [user.mail] : [],
          displayName: user?.displayName ?? '',
        },
      }),
      // Recovery passwords are never collected: 7 is "denied by policy".
      ...(asked.devicePassword && { devicePassword: 7 }),
      ...(asked.rightsManagement && { rightsManagement: 168 }),
    }
    return wbxmlAnswer(writeSettings(answer, request.version))
  }
}
