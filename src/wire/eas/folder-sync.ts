import { FolderHierarchy } from '../wbxml/tokens.ts'
import { type Element, element, textOf, writeWbxml } from '../wbxml/wbxml.ts'
import { expectRoot, requiredText, wholeNumber } from './fields.ts'

/** Folder types (MS-ASCMD 2.2.3.186.3). */
export const FolderType = {
  userGeneric: 1,
  inbox: 2,
  drafts: 3,
  deletedItems: 4,
  sentItems: 5,
  outbox: 6,
  tasks: 7,
  calendar: 8,
  contacts: 9,
  notes: 10,
  journal: 11,
  userMail: 12,
} as const

/** One folder of the hierarchy. */
export interface Folder {
  readonly serverId: string
  /** '0' is the top. */
  readonly parentId: string
  readonly displayName: string
  readonly type: number
}

/** FolderSync Status: 1 ok, 6 server error, 9 unknown sync key, 10 malformed. */
export interface FolderSyncAnswer {
  readonly status: number
  /** Only with status 1. */
  readonly syncKey?: string
  readonly add?: readonly Folder[]
  readonly update?: readonly Folder[]
  /** Server ids. */
  readonly delete?: readonly string[]
}

/** The sync key of a FolderSync request; throws Failure request.malformed without one (answer it with status 10). */
export function readFolderSync(root: Element): { readonly syncKey: string } {
  expectRoot(root, FolderHierarchy.FolderSync)
  return { syncKey: requiredText(root, FolderHierarchy.SyncKey) }
}

/** Writes a FolderSync answer; Count is the number of changes. */
export function writeFolderSync(answer: FolderSyncAnswer): Uint8Array {
  const { status, syncKey, add = [], update = [], delete: gone = [] } = answer
  const changes =
    syncKey !== undefined &&
    element(
      FolderHierarchy.Changes,
      element(FolderHierarchy.Count, add.length + update.length + gone.length),
      update.map((folder) => folderChange(FolderHierarchy.Update, folder)),
      gone.map((id) => element(FolderHierarchy.Delete, element(FolderHierarchy.ServerId, id))),
      add.map((folder) => folderChange(FolderHierarchy.Add, folder)),
    )
  return writeWbxml(
    element(
      FolderHierarchy.FolderSync,
      element(FolderHierarchy.Status, status),
      syncKey !== undefined && element(FolderHierarchy.SyncKey, syncKey),
      changes,
    ),
  )
}

function folderChange(tag: number, folder: Folder): Element {
  return element(
    tag,
    element(FolderHierarchy.ServerId, folder.serverId),
    element(FolderHierarchy.ParentId, folder.parentId),
    element(FolderHierarchy.DisplayName, folder.displayName),
    element(FolderHierarchy.Type, folder.type),
  )
}

/** A FolderCreate, FolderDelete or FolderUpdate request. */
export interface FolderChangeRequest {
  readonly command: 'FolderCreate' | 'FolderDelete' | 'FolderUpdate'
  readonly syncKey: string
  readonly serverId: string | undefined
  readonly parentId: string | undefined
  readonly displayName: string | undefined
  readonly type: number | undefined
}

const changeRoots = {
  FolderCreate: FolderHierarchy.FolderCreate,
  FolderDelete: FolderHierarchy.FolderDelete,
  FolderUpdate: FolderHierarchy.FolderUpdate,
} as const

/** Reads FolderCreate, FolderDelete or FolderUpdate, told apart by the root. */
export function readFolderChange(root: Element): FolderChangeRequest {
  expectRoot(root, ...Object.values(changeRoots))
  const command =
    root.tag === FolderHierarchy.FolderCreate
      ? 'FolderCreate'
      : root.tag === FolderHierarchy.FolderDelete
        ? 'FolderDelete'
        : 'FolderUpdate'
  return {
    command,
    syncKey: requiredText(root, FolderHierarchy.SyncKey),
    serverId: textOf(root, FolderHierarchy.ServerId),
    parentId: textOf(root, FolderHierarchy.ParentId),
    displayName: textOf(root, FolderHierarchy.DisplayName),
    type: wholeNumber(root, FolderHierarchy.Type),
  }
}

/** Writes its answer: Status, the new SyncKey, and the ServerId of a folder that was created. */
export function writeFolderChange(
  command: FolderChangeRequest['command'],
  answer: { readonly status: number; readonly syncKey?: string; readonly serverId?: string },
): Uint8Array {
  return writeWbxml(
    element(
      changeRoots[command],
      element(FolderHierarchy.Status, answer.status),
      answer.syncKey !== undefined && element(FolderHierarchy.SyncKey, answer.syncKey),
      answer.serverId !== undefined && element(FolderHierarchy.ServerId, answer.serverId),
    ),
  )
}
