import { limits } from '../../base/limits.ts'
import type { Directory, User, UserId } from '../../directory/directory.ts'
import type { Store } from '../../store/store.ts'
import { type BodyWish, readBodyPreferences } from '../../wire/eas/body.ts'
import { writeEmail } from '../../wire/eas/email.ts'
import {
  type MessageFound,
  previewElements,
  readFindQuestion,
  readSearchQuestion,
  type SearchFound,
  type SearchQuestion,
  writeFindFound,
  writeSearchFound,
  writeSearchStatus,
} from '../../wire/eas/search-results.ts'
import type { EasVersion } from '../../wire/eas/version.ts'
import { AirSync, Email } from '../../wire/wbxml/tokens.ts'
import { type Element, textOf } from '../../wire/wbxml/wbxml.ts'
import { type Content, type ContentItem, folderOf, writeServerId } from '../content.ts'
import { readMessage, textOfMessage } from '../message.ts'
import { searchItems } from '../records.ts'
import { type Command, refuse, wbxmlAnswer } from './answer.ts'
import { renderItem } from './render.ts'

interface Deps {
  readonly store: Store
  readonly user: UserId
  readonly directory: Pick<Directory, 'everybody'>
}

/** Search (MS-ASCMD 2.2.1.16) through the user's messages and the address list. */
export function createSearch(deps: Deps): Command {
  return async ({ request, root, content }) => {
    if (!root) return refuse(request, 103)
    const question = readSearchQuestion(root)
    // Store status 5: documents are not served here; 8: more than words and a folder was asked for.
    if (question.store === 'other') return wbxmlAnswer(writeSearchStatus(5))
    if (question.tooComplex) return wbxmlAnswer(writeSearchStatus(8))
    if (question.range.last - question.range.first >= limits.searchResults.value) {
      return wbxmlAnswer(writeSearchStatus(12))
    }
    if (question.store === 'people')
      return wbxmlAnswer(writeSearchFound(await people(deps, question)))
    const wish = readWish(question.options)
    const render = (item: ContentItem) => renderItem(item, wish, request.version)
    return wbxmlAnswer(writeSearchFound(await messages(deps, content, question, render)))
  }
}

/** Find (16.1): the same search, with short results. */
export function createFind(deps: Deps): Command {
  return async ({ request, root, content }) => {
    if (!root) return refuse(request, 103)
    const asked = readFindQuestion(root)
    const last = Math.min(asked.range.last, asked.range.first + limits.searchResults.value - 1)
    const question = { ...asked, range: { first: asked.range.first, last } }
    if (question.store === 'people')
      return wbxmlAnswer(writeFindFound(await people(deps, question)))
    const render = (item: ContentItem) => renderShort(item, request.version)
    return wbxmlAnswer(writeFindFound(await messages(deps, content, question, render)))
  }
}

function readWish(options: Element | undefined): BodyWish {
  const mimeSupport = Number((options && textOf(options, AirSync.MIMESupport)) ?? 0)
  const bodyPreferences = options ? readBodyPreferences(options) : []
  return { bodyPreferences, mimeSupport, truncation: undefined, mimeTruncation: undefined }
}

async function messages(
  { store, user }: Deps,
  content: Content,
  { text, collectionId, range }: SearchQuestion,
  render: (item: ContentItem) => Promise<readonly Element[]>,
): Promise<SearchFound> {
  const words = text.trim().toLowerCase().slice(0, limits.searchChars.value)
  const folder = collectionId === undefined ? undefined : folderOf(content.folders, collectionId)
  if (words === '' || (collectionId !== undefined && !folder)) {
    return { range, total: 0, messages: [] }
  }
  const found = await searchItems(store.db, user, {
    text: words,
    folder: folder?.collection,
    offset: range.first,
    limit: range.last - range.first + 1,
  })
  const shown: MessageFound[] = []
  for (const record of found.items) {
    const item = await content.find(record.item)
    if (!item) continue
    const serverId = writeServerId({ collection: item.folder }, item.item)
    shown.push({ serverId, collectionId: item.folder, properties: await render(item) })
  }
  return { range, total: found.total, messages: shown }
}

// People who can sign in; others are no one's business.
async function people({ directory }: Deps, { text, range }: SearchQuestion): Promise<SearchFound> {
  const words = text.trim().toLowerCase()
  const { users } = await directory.everybody()
  const fits = (user: User) =>
    user.enabled &&
    [user.displayName, user.name, user.mail].some((part) => part.toLowerCase().includes(words))
  const found = words === '' ? [] : users.filter(fits)
  found.sort((a, b) => a.displayName.localeCompare(b.displayName))
  return {
    range,
    total: found.length,
    people: found.slice(range.first, range.last + 1).map((user) => ({
      displayName: user.displayName,
      alias: user.name,
      emailAddress: user.mail,
    })),
  }
}

const findTags = ['Subject', 'DateReceived', 'DisplayTo', 'Importance', 'Read', 'From'] as const

async function renderShort(item: ContentItem, version: EasVersion): Promise<readonly Element[]> {
  const message = await readMessage(await item.raw())
  const { from, to, subject, importance } = message
  const { receivedAt: received, read } = item
  const nativeBodyType = message.html === undefined ? 1 : 2
  const short = { from, to, subject, received, read, importance, nativeBodyType } as const
  const wanted = new Set<number>(findTags.map((name) => Email[name]))
  const elements = writeEmail(short, undefined, version).filter(({ tag }) => wanted.has(tag))
  const preview = textOfMessage(message).slice(0, limits.previewChars.value)
  return [...elements, ...previewElements(preview, message.attachments.length > 0)]
}
