import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'
import { decodedByLibwbxml, isNewer, isShownAsIs, shapeOf } from '../../../test/libwbxml.ts'
import {
  createRandom,
  mailReply,
  pingRequest,
  randomTree,
  syncRequest,
} from '../../../test/wbxml-documents.ts'
import { AirSync, allTags, ComposeMail, tagName } from './tokens.ts'
import { childrenOf, type Element, element, textOf, writeWbxml } from './wbxml.ts'

describe('libwbxml, an independent decoder (Debian package libwbxml2-utils)', () => {
  test('reads every token of the tables under the same name', async () => {
    const root = element(
      AirSync.Sync,
      allTags().map((tag) => element(tag)),
    )
    const [[, decoded] = ['', '']] = await decodedByLibwbxml([writeWbxml(root)])
    assert.ok(typeof decoded !== 'string')
    assert.equal(decoded.length, allTags().length)
    for (const [index, tag] of allTags().entries()) {
      const name = tagName(tag) ?? ''
      const seen: string = decoded[index]?.[0] ?? ''
      if (isNewer(name)) assert.equal(seen, 'unknown', name)
      else assert.equal(seen, name.toLowerCase())
    }
  })

  test('reads the same elements and texts in requests, answers and mail', async () => {
    const mail = element(
      ComposeMail.SendMail,
      element(ComposeMail.ClientId, '<a> & "b" ü 日本'),
      element(ComposeMail.SaveInSentItems),
      element(ComposeMail.Mime, Buffer.from('From: a@b.c\r\n\r\n\u00ff', 'latin1')),
    )
    const roots = [pingRequest(), syncRequest(), mailReply(200), mail]
    assert.deepEqual(await decodedByLibwbxml(roots.map(writeWbxml)), roots.map(shapeOf))
  })

  test('reads the same in random trees', async () => {
    const random = createRandom(7)
    const roots = Array.from({ length: 40 }, () => withoutOpaque(randomTree(random), isShownAsIs))
    assert.deepEqual(await decodedByLibwbxml(roots.map(writeWbxml)), roots.map(shapeOf))
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
