import { createHash } from 'node:crypto'
import type { Instant } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { Database } from '../store/store.ts'
import type { Change, Content, ContentFolder, Difference, Look } from './content.ts'
import { standardFolders } from './content.ts'
import { composeNotice, type NoticeText } from './notice-mail.ts'
import { findNotice, listHeld, saveNotice } from './state/records.ts'

/** The folders of the quarantine mailbox: the usual ones, so that no phone complains; all but the Inbox stay empty. */
export const quarantineFolders: readonly ContentFolder[] = standardFolders('pq')

interface Shown {
  readonly item: number
  readonly shownAt: Instant
  readonly read: boolean
  readonly text: NoticeText
}

/** The notice of a client. */
export interface QuarantineNotice {
  /** Why the client is held back, in any words: a notice about something else is another mail. */
  readonly about: string
  compose(): Promise<NoticeText>
}

/**
 * The one notice as content for EAS. What it is about is its identity: other words about the same (a fresh link) are the
 * same mail, another reason replaces it on the client. It is composed only when somebody looks.
 */
export function createQuarantine(
  db: Database,
  partnership: PartnershipId,
  { about, compose }: QuarantineNotice,
  now: Instant,
): Content {
  const item = itemOf(about)
  let shown: Shown | undefined
  const show = async (): Promise<Shown> => {
    if (shown) return shown
    const text = await compose()
    const kept = await findNotice(db, partnership, item)
    shown = { item, text, shownAt: kept?.shownAt ?? now, read: kept?.read ?? false }
    return shown
  }

  return {
    source: 'quarantine',
    folders: quarantineFolders,
    watched: undefined,
    async prepare() {
      const notice = await show()
      if (!(await findNotice(db, partnership, notice.item))) {
        await saveNotice(db, partnership, notice.item, notice)
      }
    },
    difference: async (at, look) => await difference(at, look, await show()),
    // Looked at once, when a Ping begins: another notice comes with another decision, and that ends the view.
    hasArrivals: async (at, look) =>
      look.folder.collection === inbox &&
      !(await listHeld(at, look.client)).some((held) => held.item === item),
    async find(wanted) {
      if (wanted !== item) return undefined
      const { shownAt, read, text } = await show()
      const raw = async () => composeNotice(text, shownAt)
      return { item, folder: inbox, receivedAt: shownAt, read, flag: '', raw }
    },
    // Reading the notice is the client's to note; nothing else of it can be changed.
    async change(tx, folder, wanted, change) {
      const notice = await show()
      if (folder.collection !== inbox || wanted !== notice.item) return 'missing'
      if (change.read === undefined || change.flag !== undefined) return 'refused'
      shown = { ...notice, read: change.read }
      await saveNotice(tx, partnership, notice.item, shown)
      return versionOf(change.read)
    },
    async remove(_tx, folder, wanted) {
      return folder.collection === inbox && wanted === (await show()).item ? 'refused' : 'missing'
    },
  }
}

const inbox = quarantineFolders[0]?.collection ?? ''

const versionOf = (read: boolean) => (read ? 2 : 1)

function itemOf(about: string): number {
  return (createHash('sha256').update(about).digest().readUInt32BE(0) >>> 1) + 1
}

async function difference(db: Database, look: Look, notice: Shown): Promise<Difference> {
  const isInbox = look.folder.collection === inbox
  const changes: Change[] = []
  let missing = isInbox
  for (const held of await listHeld(db, look.client)) {
    if (isInbox && held.item === notice.item) missing = false
    else changes.push({ kind: 'delete', item: held.item, version: 0 })
  }
  if (missing) changes.push({ kind: 'add', item: notice.item, version: versionOf(notice.read) })
  const room = Math.min(look.limit, limits.syncWindow.value)
  return { changes: changes.slice(0, room), more: changes.length > room, seen: 0, since: 0 }
}
