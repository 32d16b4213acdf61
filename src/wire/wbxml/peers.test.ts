import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'
import { SaxesParser } from 'saxes'
import {
  createRandom,
  mailReply,
  pingRequest,
  randomTree,
  syncRequest,
} from '../../../test/wbxml-documents.ts'
import { AirSync, allTags, ComposeMail, Find, tagName } from './tokens.ts'
import { childrenOf, type Element, element, textOf, writeWbxml } from './wbxml.ts'

/** A decoded element, whoever decoded it: `namespace:name`, and text or children. */
type Shape = readonly [name: string, content: string | readonly Shape[]]

/** What libwbxml calls by another name than the published tables. */
const spellings: Readonly<Record<string, string>> = {
  'contacts:AssistantTelephoneNumber': 'AssistantPhoneNumber',
  'email:AttOId': 'Att0Id',
  'email:FlagStatus': 'Status',
  'calendar:AttendeeEmail': 'Email',
  'calendar:AttendeeName': 'Name',
  'calendar:ExceptionDeleted': 'Deleted',
  'provision:DeviceEncryptionEnabled': 'RequireStorageCardEncryption',
  'settings:ihsManagementInformation': 'RightsManagementInformation',
  'composemail:ForwardeeName': 'Name',
  'composemail:ForwardeeEmail': 'Email',
  'rightsmanagement:RMOwner': 'Owner',
  'rightsmanagement:RemoveRightsManagementDistribution': 'RemoveRightsManagementProtection',
}

function publishedName(uri: string, local: string): string {
  const page = (uri.split('/').at(-1) ?? '').replace(/^itemestimate$/, 'getitemestimate')
  const name = local.replace(/^Recurrence_/, '').replaceAll(/[-_]/g, '')
  const address = name.replace(
    /^(Business|Home|Other)(City|Country|PostalCode|State|Street)$/,
    '$1Address$2',
  )
  return `${page}:${spellings[`${page}:${name}`] ?? address}`.toLowerCase()
}

const decoder = 'wbxml2xml'

/** What Debian's independent decoder reads in a document. */
function decodedByLibwbxml(bytes: Uint8Array): Shape {
  const run = spawnSync(decoder, ['-l', 'AIRSYNC', '-m', '0', '-k', '-o', '-', '-'], {
    input: bytes,
  })
  if (run.error)
    throw new Error('wbxml2xml is missing: install the Debian package libwbxml2-utils', {
      cause: run.error,
    })
  assert.equal(run.status, 0, String(run.stderr))
  const top: Shape[] = []
  const open: { name: string; text: string; children: Shape[] }[] = []
  const parser = new SaxesParser({ xmlns: true })
  parser.on('opentag', ({ uri, local }) =>
    open.push({ name: publishedName(uri, local), text: '', children: [] }),
  )
  const addText = (text: string) => {
    const inner = open.at(-1)
    if (inner) inner.text += text
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    const closed = open.pop()
    assert.ok(closed)
    const shape: Shape = [closed.name, closed.children.length > 0 ? closed.children : closed.text]
    ;(open.at(-1)?.children ?? top).push(shape)
  })
  parser.write(run.stdout.toString('utf8')).close()
  assert.equal(top.length, 1)
  return top[0] ?? ['', '']
}

function shapeOf(root: Element): Shape {
  const name = (tagName(root.tag) ?? '').toLowerCase()
  const children = childrenOf(root)
  if (children.length > 0) return [name, children.map(shapeOf)]
  // libwbxml shows opaque bytes as base64.
  const [only] = root.children
  if (only instanceof Uint8Array) return [name, Buffer.from(only).toString('base64')]
  return [name, textOf(root) ?? '']
}

/** Newer than libwbxml, or known from old servers only: it calls them `unknown`. */
const newer = new Set<string>([
  ...Object.values(Find).map((tag) => tagName(tag) ?? ''),
  'Provision:AccountOnlyRemoteWipe',
  'MeetingResponse:ProposedStartTime',
  'MeetingResponse:ProposedEndTime',
  'Ping:Version',
  'Search:Stores',
  'ComposeMail:Type',
])
const isNewer = (name: string) =>
  newer.has(name) ||
  /^Calendar:(Att(achments?|Name|Size|Oid|Method|Removed)|DisplayName)$/.test(name)

/** Shown as base64 even where they hold text, for they hold bytes in real messages. */
const binary = /:(ConversationId|ConversationIndex|Mime|Content)$|^(ResolveRecipients|Gal):Data$/
const isShownAsIs = (name: string) => !isNewer(name) && !binary.test(name)

describe('libwbxml, an independent decoder (Debian package libwbxml2-utils)', () => {
  test('reads every token of the tables under the same name', () => {
    const root = element(
      AirSync.Sync,
      allTags().map((tag) => element(tag)),
    )
    const [, decoded] = decodedByLibwbxml(writeWbxml(root))
    assert.ok(typeof decoded !== 'string')
    assert.equal(decoded.length, allTags().length)
    for (const [index, tag] of allTags().entries()) {
      const name = tagName(tag) ?? ''
      const seen: string = decoded[index]?.[0] ?? ''
      if (isNewer(name)) assert.match(seen, /:unknown$/, name)
      else assert.equal(seen, name.toLowerCase())
    }
  })

  test('reads the same elements and texts in requests, answers and mail', () => {
    const mail = element(
      ComposeMail.SendMail,
      element(ComposeMail.ClientId, '<a> & "b" ü 日本'),
      element(ComposeMail.SaveInSentItems),
      element(ComposeMail.Mime, Buffer.from('From: a@b.c\r\n\r\n\u00ff', 'latin1')),
    )
    for (const root of [pingRequest(), syncRequest(), mailReply(200), mail])
      assert.deepEqual(decodedByLibwbxml(writeWbxml(root)), shapeOf(root))
  })

  test('reads the same in random trees', () => {
    const random = createRandom(7)
    for (let count = 0; count < 40; count++) {
      const root = withoutOpaque(randomTree(random), isShownAsIs)
      assert.deepEqual(decodedByLibwbxml(writeWbxml(root)), shapeOf(root))
    }
  })
})

/** The tree with opaque bytes and unwelcome tags left out: peers differ in what they make of those. */
function withoutOpaque(root: Element, welcome: (name: string) => boolean): Element {
  const children = childrenOf(root)
    .filter((child) => welcome(tagName(child.tag) ?? ''))
    .map((child) => withoutOpaque(child, welcome))
  const texts = root.children.filter((child) => typeof child === 'string')
  const tag = welcome(tagName(root.tag) ?? '') ? root.tag : AirSync.Sync
  return element(tag, children, ...texts)
}

interface Aswbxml {
  decode(bytes: Uint8Array, pages: 'ActiveSync'): Readonly<Record<string, unknown>>
}
const require = createRequire(import.meta.url)
// The package has no types; this is its published interface.
const aswbxml = require('aswbxml') as Aswbxml

describe('aswbxml, another independent decoder (npm)', () => {
  const knows = (tag: number) => {
    try {
      return aswbxml.decode(writeWbxml(element(tag)), 'ActiveSync')[localName(tag)] === ''
    } catch {
      return false
    }
  }
  // It ends at 14.1, has no legacy tokens, and lacks some names.
  const known = new Set(allTags().filter(knows).map(tagName))

  test('knows most tokens under the same name', () => {
    assert.ok(known.size > 480, `${known.size}`)
    assert.ok(known.has('AirSync:SyncKey') && known.has('Provision:EASProvisionDoc'))
  })

  test('reads the same elements and texts', () => {
    const random = createRandom(11)
    const trees = Array.from({ length: 300 }, () => randomTree(random))
    for (const tree of [pingRequest(), syncRequest(), mailReply(200), ...trees]) {
      const root = withoutOpaque(tree, (name) => known.has(name))
      const decoded = aswbxml.decode(Buffer.from(writeWbxml(root)), 'ActiveSync')
      assert.deepEqual(decoded, { [localName(root.tag)]: groupedOf(root) })
    }
  })
})

function localName(tag: number): string {
  return tagName(tag)?.split(':')[1] ?? ''
}

/** Its shape of an element: text, or arrays of children by name. */
function groupedOf(root: Element): unknown {
  const children = childrenOf(root)
  if (children.length === 0) return textOf(root)
  const groups: Record<string, unknown[]> = {}
  for (const child of children) {
    const name = localName(child.tag)
    groups[name] = [...(groups[name] ?? []), groupedOf(child)]
  }
  return groups
}
