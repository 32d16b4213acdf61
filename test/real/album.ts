import {
  composeDocument,
  deviceInformation,
  estimateDocument,
  fetchDocument,
  moveDocument,
  pingDocument,
  provisionDocument,
  searchDocument,
  syncDocument,
} from '../../src/phone/documents.ts'
import { EasClient } from '../../src/phone/phone.ts'
import { type EasCommand, commandsOf } from '../../src/wire/eas/commands.ts'
import { readMultipart } from '../../src/wire/eas/multipart.ts'
import { atLeast, type EasVersion } from '../../src/wire/eas/version.ts'
import { FolderHierarchy, Settings } from '../../src/wire/wbxml/tokens.ts'
import { type Element, element } from '../../src/wire/wbxml/wbxml.ts'

/** Every different document that servers said to some phones. */
export interface Album {
  /** The same phone; from now on what it hears is kept. */
  watch(phone: EasClient): EasClient
  /** With the request that it answers. */
  readonly documents: ReadonlyMap<string, { readonly bytes: Uint8Array; readonly asked: string }>
}

/** An empty one. */
export function createAlbum(): Album {
  const documents = new Map<string, { bytes: Uint8Array; asked: string }>()
  const keep = (bytes: Uint8Array, asked: string) => {
    if (bytes.length > 0) documents.set(Buffer.from(bytes).toString('latin1'), { bytes, asked })
  }
  return {
    documents,
    watch(phone) {
      const { transport, version, form, deviceId, deviceType, user, userAgent } = phone
      return new EasClient({
        version,
        form,
        deviceId,
        deviceType,
        user,
        userAgent,
        async transport(method, query, headers, body) {
          const answer = await transport(method, query, headers, body)
          const type = answer.headers['content-type'] ?? ''
          const asked = `${version} ${query}`
          if (type.startsWith('application/vnd.ms-sync.multipart'))
            keep(readMultipart(answer.body)[0] ?? new Uint8Array(), asked)
          else if (type.startsWith('application/vnd.ms-sync')) keep(answer.body, asked)
          return answer
        },
      })
    },
  }
}

/** What a phone may name of the mail it holds. */
export interface Place {
  readonly inbox: string
  readonly mail: string
  readonly other: string
}

const mime = Buffer.from(
  'From: alice@corp.test\r\nTo: bob@corp.test\r\nSubject: Tour\r\n\r\nText.\r\n',
)

/** Sends each command of the phone's version once, but for those in `without`; nothing of it is held. */
export async function askEverything(
  phone: EasClient,
  place: Place,
  without: readonly EasCommand[] = [],
): Promise<void> {
  for (const command of commandsOf(phone.version))
    if (command !== 'GetAttachment' && !without.includes(command))
      await phone.call(command, bodyOf(command, phone, place))
}

function bodyOf(
  command: EasCommand,
  { version, folderKey }: EasClient,
  { inbox, mail, other }: Place,
): Element | Uint8Array | undefined {
  const device = { model: 'iPhone15C4', os: 'iOS 17.4 21E219' }
  switch (command) {
    case 'Sync':
      return syncDocument([{ collectionId: inbox, syncKey: '0' }], {}, version)
    case 'FolderSync':
      return element(FolderHierarchy.FolderSync, element(FolderHierarchy.SyncKey, '0'))
    case 'FolderCreate':
    case 'FolderDelete':
    case 'FolderUpdate':
      return folderChange(command, folderKey)
    case 'Ping':
      return pingDocument({ heartbeatSeconds: 5, folders: [inbox] })
    case 'Provision':
      return provisionDocument({ policyType: policyTypeOf(version), device })
    case 'Settings':
      return element(Settings.Settings, deviceInformation(device))
    case 'GetItemEstimate':
      return estimateDocument(inbox, 'none')
    case 'MoveItems':
      return moveDocument([{ serverId: mail, from: inbox, to: other }])
    case 'ItemOperations':
      return fetchDocument({ collectionId: inbox, serverId: mail }, [{ type: 1 }])
    case 'Search':
      return searchDocument('GAL', 'bob')
    case 'SendMail':
    case 'SmartForward':
    case 'SmartReply': {
      const source = { folderId: inbox, itemId: mail }
      const isOld = !atLeast(version, '14.0')
      return isOld ? mime : composeDocument(command, { clientId: 'tour', mime, source })
    }
    default:
      return undefined
  }
}

/** A change of the hierarchy, of a folder that does not exist. */
export const folderChange = (
  command: 'FolderCreate' | 'FolderDelete' | 'FolderUpdate',
  syncKey: string,
): Element =>
  element(
    FolderHierarchy[command],
    element(FolderHierarchy.SyncKey, syncKey),
    command !== 'FolderCreate' && element(FolderHierarchy.ServerId, 'none'),
    command !== 'FolderDelete' && [
      element(FolderHierarchy.ParentId, '0'),
      element(FolderHierarchy.DisplayName, 'Tour'),
    ],
    command === 'FolderCreate' && element(FolderHierarchy.Type, 12),
  )

const policyTypeOf = (version: EasVersion) =>
  atLeast(version, '12.0') ? 'MS-EAS-Provisioning-WBXML' : 'MS-WAP-Provisioning-XML'
