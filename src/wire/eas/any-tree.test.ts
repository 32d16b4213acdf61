import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom, type Random } from '../../../test/wbxml-documents.ts'
import { Failure } from '../../base/failures.ts'
import {
  AirSync,
  AirSyncBase,
  ComposeMail,
  Email,
  FolderHierarchy,
  GetItemEstimate,
  ItemOperations,
  Move,
  Ping,
  Provision,
  Search,
  Settings,
} from '../wbxml/tokens.ts'
import { type Element, element, readWbxml, type Tag, writeWbxml } from '../wbxml/wbxml.ts'
import { readCompose } from './compose.ts'
import { readDeviceInformation } from './device-information.ts'
import { readEstimate } from './estimate.ts'
import { readFolderChange, readFolderSync } from './folder-sync.ts'
import { readItemOperations } from './item-operations.ts'
import { readMoveItems } from './move-items.ts'
import { planPing, readPing } from './ping.ts'
import { readProvision } from './provision.ts'
import { readSettings } from './settings.ts'
import { optionsFor, planSyncWait, readSync } from './sync.ts'

const bounds = { minHeartbeatSeconds: 60, maxHeartbeatSeconds: 3540, maxFolders: 100 }

/** Every reader of requests, with the roots that it takes. */
const readers: readonly (readonly [read: (root: Element) => unknown, ...roots: Tag[]])[] = [
  [(root) => readSync(root).collections.map((one) => optionsFor(one, 'Email')), AirSync.Sync],
  [(root) => planSyncWait(readSync(root), bounds), AirSync.Sync],
  [(root) => planPing(readPing(root), undefined, bounds), Ping.Ping],
  [readProvision, Provision.Provision],
  [readSettings, Settings.Settings],
  [readDeviceInformation, Settings.Settings, Provision.Provision],
  [readFolderSync, FolderHierarchy.FolderSync],
  [
    readFolderChange,
    FolderHierarchy.FolderCreate,
    FolderHierarchy.FolderDelete,
    FolderHierarchy.FolderUpdate,
  ],
  [readEstimate, GetItemEstimate.GetItemEstimate],
  [readItemOperations, ItemOperations.ItemOperations],
  [readMoveItems, Move.MoveItems],
  [readCompose, ComposeMail.SendMail, ComposeMail.SmartReply, ComposeMail.SmartForward],
]

const pages: readonly Readonly<Record<string, Tag>>[] = [
  AirSync,
  AirSyncBase,
  ComposeMail,
  Email,
  FolderHierarchy,
  GetItemEstimate,
  ItemOperations,
  Move,
  Ping,
  Provision,
  Search,
  Settings,
]
const texts = [
  '',
  '0',
  '1',
  '4',
  '512',
  '99999999999',
  '-1',
  'Email',
  'x'.repeat(300),
  '\u0000',
  '🙂',
]

/** A tree of tags that are likely in a command of this page: chance alone would seldom reach a reader's inside. */
function likelyTree(
  random: Random,
  own: Readonly<Record<string, Tag>>,
  tag: Tag,
  levels: number,
): Element {
  if (levels === 0 || random(4) === 0) {
    if (random(6) === 0) return element(tag, Uint8Array.of(random(256), random(256)))
    return element(tag, texts[random(texts.length)])
  }
  const page = random(3) ? own : (pages[random(pages.length)] ?? own)
  const tags = Object.values(page)
  return element(
    tag,
    Array.from({ length: random(6) }, () =>
      likelyTree(random, own, tags[random(tags.length)] ?? tag, levels - 1),
    ),
  )
}

function outcome(read: (root: Element) => unknown, root: Element): 'read' | 'refused' {
  try {
    read(root)
    return 'read'
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'request.malformed') return 'refused'
    throw thrown
  }
}

test('every reader makes a value or a coded failure of any tree, its own root or another', () => {
  const random = createRandom(3)
  const seen = new Set<string>()
  for (const [read, ...roots] of readers) {
    for (const tag of roots) {
      const own = pages.find((page) => Object.values(page).includes(tag))
      assert.ok(own)
      for (let count = 0; count < 1500; count++) {
        const root = readWbxml(writeWbxml(likelyTree(random, own, tag, 5)))
        seen.add(`${tag} ${outcome(read, root)}`)
      }
    }
    outcome(read, element(Search.Search))
  }
  // Both outcomes were reached, so that the test tells something.
  assert.ok(seen.has(`${AirSync.Sync} read`) && seen.has(`${AirSync.Sync} refused`))
  assert.ok(seen.has(`${Provision.Provision} read`) && seen.has(`${Provision.Provision} refused`))
})
