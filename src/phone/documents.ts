import {
  AirSync,
  AirSyncBase,
  ComposeMail,
  Email,
  GetItemEstimate,
  ItemOperations,
  Move,
  Ping,
  Provision,
  Search,
  Settings,
} from '../wire/wbxml/tokens.ts'
import { type Element, element } from '../wire/wbxml/wbxml.ts'
import { atLeast, type EasVersion } from '../wire/eas/version.ts'

// The documents of a pretend client, written by hand so that the server's own readers are not trusted to be right.

export interface BodyAsk {
  readonly type: number
  readonly truncationSize?: number
}

export interface SyncAsk {
  readonly collectionId: string
  readonly syncKey: string
  readonly windowSize?: number
  readonly filterType?: number
  readonly getChanges?: boolean
  readonly deletesAsMoves?: boolean
  readonly bodies?: readonly BodyAsk[]
  readonly mimeSupport?: number
  readonly truncation?: number
  readonly commands?: readonly Element[]
}

export interface SyncExtras {
  readonly wait?: number
  readonly heartbeatSeconds?: number
  readonly windowSize?: number
  readonly partial?: boolean
}

export interface DeviceAsk {
  readonly model: string
  readonly os?: string
  readonly imei?: string
  readonly friendlyName?: string
  readonly userAgent?: string
}

export const bodyPreferences = (bodies: readonly BodyAsk[] = []): readonly Element[] =>
  bodies.map(({ type, truncationSize }) =>
    element(
      AirSyncBase.BodyPreference,
      element(AirSyncBase.Type, type),
      truncationSize !== undefined && element(AirSyncBase.TruncationSize, truncationSize),
    ),
  )

/** One Collection, in the order of MS-ASCMD 2.2.3.29.2 R976; Class comes first in old versions. */
function collection(ask: SyncAsk, version: EasVersion): Element {
  const first = ask.syncKey === '0'
  const options = [
    ask.filterType !== undefined && element(AirSync.FilterType, ask.filterType),
    ask.truncation !== undefined && element(AirSync.Truncation, ask.truncation),
    ask.mimeSupport !== undefined && element(AirSync.MIMESupport, ask.mimeSupport),
  ].filter((one) => one !== false)
  const preferences = atLeast(version, '12.0') ? bodyPreferences(ask.bodies) : []
  const all = [...options, ...preferences]
  return element(
    AirSync.Collection,
    !atLeast(version, '12.1') && element(AirSync.Class, 'Email'),
    element(AirSync.SyncKey, ask.syncKey),
    element(AirSync.CollectionId, ask.collectionId),
    ask.deletesAsMoves !== undefined &&
      element(AirSync.DeletesAsMoves, ask.deletesAsMoves ? '1' : '0'),
    !first &&
      (ask.getChanges === false ? element(AirSync.GetChanges, '0') : element(AirSync.GetChanges)),
    ask.windowSize !== undefined && element(AirSync.WindowSize, ask.windowSize),
    all.length > 0 && element(AirSync.Options, all),
    (ask.commands?.length ?? 0) > 0 && element(AirSync.Commands, ask.commands ?? []),
  )
}

export const syncDocument = (
  asks: readonly SyncAsk[],
  extras: SyncExtras,
  version: EasVersion,
): Element =>
  element(
    AirSync.Sync,
    asks.length > 0 &&
      element(
        AirSync.Collections,
        asks.map((ask) => collection(ask, version)),
      ),
    extras.wait !== undefined && element(AirSync.Wait, extras.wait),
    extras.heartbeatSeconds !== undefined &&
      element(AirSync.HeartbeatInterval, extras.heartbeatSeconds),
    extras.windowSize !== undefined && element(AirSync.WindowSize, extras.windowSize),
    extras.partial === true && element(AirSync.Partial),
  )

export const readCommand = (serverId: string, read: boolean): Element =>
  element(
    AirSync.Change,
    element(AirSync.ServerId, serverId),
    element(AirSync.ApplicationData, element(Email.Read, read ? '1' : '0')),
  )

/** `status` 2 sets a follow-up flag, 1 completes it; `undefined` clears it. */
export const flagCommand = (serverId: string, status: 1 | 2 | undefined): Element =>
  element(
    AirSync.Change,
    element(AirSync.ServerId, serverId),
    element(
      AirSync.ApplicationData,
      status === undefined
        ? element(Email.Flag)
        : element(
            Email.Flag,
            element(Email.Status, status),
            element(Email.FlagType, 'for Follow Up'),
          ),
    ),
  )

export const deleteCommand = (serverId: string): Element =>
  element(AirSync.Delete, element(AirSync.ServerId, serverId))

export const fetchCommand = (serverId: string): Element =>
  element(AirSync.Fetch, element(AirSync.ServerId, serverId))

export const addCommand = (clientId: string, subject: string): Element =>
  element(
    AirSync.Add,
    element(AirSync.ClientId, clientId),
    element(AirSync.ApplicationData, element(Email.Subject, subject)),
  )

export const pingDocument = (ask: {
  heartbeatSeconds?: number
  folders?: readonly string[]
}): Element =>
  element(
    Ping.Ping,
    ask.heartbeatSeconds !== undefined && element(Ping.HeartbeatInterval, ask.heartbeatSeconds),
    ask.folders !== undefined &&
      element(
        Ping.Folders,
        ask.folders.map((id) =>
          element(Ping.Folder, element(Ping.Id, id), element(Ping.Class, 'Email')),
        ),
      ),
  )

export const deviceInformation = (device: DeviceAsk): Element =>
  element(
    Settings.DeviceInformation,
    element(
      Settings.Set,
      element(Settings.Model, device.model),
      device.imei !== undefined && element(Settings.IMEI, device.imei),
      device.friendlyName !== undefined && element(Settings.FriendlyName, device.friendlyName),
      device.os !== undefined && element(Settings.OS, device.os),
      device.userAgent !== undefined && element(Settings.UserAgent, device.userAgent),
    ),
  )

/** The first or, with key and status, the second step of provisioning. */
export const provisionDocument = (ask: {
  policyType: string
  device: DeviceAsk | undefined
  acknowledge?: { policyKey: string; status: number }
}): Element =>
  element(
    Provision.Provision,
    ask.device !== undefined && !ask.acknowledge && deviceInformation(ask.device),
    element(
      Provision.Policies,
      element(
        Provision.Policy,
        element(Provision.PolicyType, ask.policyType),
        ask.acknowledge && element(Provision.PolicyKey, ask.acknowledge.policyKey),
        ask.acknowledge && element(Provision.Status, ask.acknowledge.status),
      ),
    ),
  )

export const composeDocument = (
  command: 'SendMail' | 'SmartReply' | 'SmartForward',
  ask: {
    clientId: string
    mime: Uint8Array
    saveInSent?: boolean
    replaceMime?: boolean
    source?: { folderId: string; itemId: string }
  },
): Element =>
  element(
    ComposeMail[command],
    element(ComposeMail.ClientId, ask.clientId),
    ask.source &&
      element(
        ComposeMail.Source,
        element(ComposeMail.FolderId, ask.source.folderId),
        element(ComposeMail.ItemId, ask.source.itemId),
      ),
    ask.saveInSent === true && element(ComposeMail.SaveInSentItems),
    ask.replaceMime === true && element(ComposeMail.ReplaceMime),
    element(ComposeMail.Mime, ask.mime),
  )

export const fetchDocument = (
  ask: { collectionId: string; serverId: string } | { reference: string; range?: string },
  bodies: readonly BodyAsk[] = [],
  mimeSupport?: number,
): Element => {
  const options = [
    'range' in ask && ask.range !== undefined && element(ItemOperations.Range, ask.range),
    mimeSupport !== undefined && element(AirSync.MIMESupport, mimeSupport),
    ...bodyPreferences(bodies),
  ].filter((one) => one !== false)
  return element(
    ItemOperations.ItemOperations,
    element(
      ItemOperations.Fetch,
      element(ItemOperations.Store, 'Mailbox'),
      ...('reference' in ask
        ? [element(AirSyncBase.FileReference, ask.reference)]
        : [
            element(AirSync.CollectionId, ask.collectionId),
            element(AirSync.ServerId, ask.serverId),
          ]),
      options.length > 0 && element(ItemOperations.Options, options),
    ),
  )
}

export const emptyFolderDocument = (collectionId: string): Element =>
  element(
    ItemOperations.ItemOperations,
    element(ItemOperations.EmptyFolderContents, element(AirSync.CollectionId, collectionId)),
  )

export const moveDocument = (
  moves: readonly { serverId: string; from: string; to: string }[],
): Element =>
  element(
    Move.MoveItems,
    moves.map(({ serverId, from, to }) =>
      element(
        Move.Move,
        element(Move.SrcMsgId, serverId),
        element(Move.SrcFldId, from),
        element(Move.DstFldId, to),
      ),
    ),
  )

export const estimateDocument = (collectionId: string, syncKey: string): Element =>
  element(
    GetItemEstimate.GetItemEstimate,
    element(
      GetItemEstimate.Collections,
      element(
        GetItemEstimate.Collection,
        element(AirSync.SyncKey, syncKey),
        element(GetItemEstimate.CollectionId, collectionId),
      ),
    ),
  )

export const searchDocument = (store: 'Mailbox' | 'GAL', text: string, range?: string): Element =>
  element(
    Search.Search,
    element(
      Search.Store,
      element(Search.Name, store),
      store === 'GAL'
        ? element(Search.Query, text)
        : element(
            Search.Query,
            element(Search.And, element(AirSync.Class, 'Email'), element(Search.FreeText, text)),
          ),
      range !== undefined && element(Search.Options, element(Search.Range, range)),
    ),
  )
