import type { EasAnswer } from '../mailbox/mailbox.ts'
import { FolderType, writeFolderSync } from '../wire/eas/folder-sync.ts'
import type { EasRequest } from '../wire/eas/request.ts'
import { readSettings, writeSettings } from '../wire/eas/settings.ts'
import { readWbxml } from '../wire/wbxml/wbxml.ts'
import type { Provisioning } from './provisioning.ts'
import { refuse, wbxmlHeaders } from './refusals.ts'

/** Android tries an account out under this DeviceId before the phone shows its own. */
export function isTrial(request: EasRequest): boolean {
  return request.deviceId.toLowerCase() === 'validate'
}

/**
 * Answers a trial: "this account works", and nothing else. No partnership, no mail, no notice: anybody with a password
 * could send this DeviceId, so it gets what reveals nothing.
 */
export async function answerTrial(
  request: EasRequest,
  body: Uint8Array,
  provisioning: Provisioning,
): Promise<EasAnswer> {
  const ok = (bytes: Uint8Array): EasAnswer => ({ status: 200, headers: wbxmlHeaders, body: bytes })
  switch (request.command) {
    case 'Provision':
      return await provisioning.rehearse(request, body)
    case 'FolderSync': {
      const add = [{ serverId: '1', parentId: '0', displayName: 'Inbox', type: FolderType.inbox }]
      return ok(writeFolderSync({ status: 1, syncKey: '1', add }))
    }
    case 'Settings': {
      const asked = body.length > 0 ? readSettings(readWbxml(body)) : undefined
      const answer = { status: 1, ...(asked?.deviceInformation && { deviceInformation: 1 }) }
      return ok(writeSettings(answer, request.version))
    }
    default:
      return refuse('denied', request)
  }
}
