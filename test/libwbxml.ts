import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SaxesParser } from 'saxes'
import { Find, tagName } from '../src/wire/wbxml/tokens.ts'
import { childrenOf, type Element, textOf } from '../src/wire/wbxml/wbxml.ts'

/** A decoded element, whoever decoded it: `namespace:name`, and text or children. */
export type Shape = readonly [name: string, content: string | readonly Shape[]]

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

/** What it has no name for. */
const unknown = 'unknown'

function publishedName(uri: string, local: string): string {
  if (local === unknown) return unknown
  const page = (uri.split('/').at(-1) ?? '').replace(/^itemestimate$/, 'getitemestimate')
  const name = local.replace(/^Recurrence_/, '').replaceAll(/[-_]/g, '')
  const address = name.replace(
    /^(Business|Home|Other)(City|Country|PostalCode|State|Street)$/,
    '$1Address$2',
  )
  return `${page}:${spellings[`${page}:${name}`] ?? address}`.toLowerCase()
}

/** One shell for all: to start each decoder from a process as large as this one takes four times as long. */
const decodeAll =
  'for each in *.wbxml; do wbxml2xml -l AIRSYNC -m 0 -k -o "$each.xml" "$each" || exit; done'

/** What Debian's independent decoder reads in each document. */
export async function decodedByLibwbxml(documents: readonly Uint8Array[]): Promise<Shape[]> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-wbxml-'))
  const file = (at: number) => join(folder, `${at}.wbxml`)
  try {
    await Promise.all(documents.map((bytes, at) => writeFile(file(at), bytes)))
    await promisify(execFile)('sh', ['-c', decodeAll], { cwd: folder }).catch((cause: unknown) => {
      const hint = 'is the Debian package libwbxml2-utils installed?'
      throw new Error(`wbxml2xml failed; ${hint}`, { cause })
    })
    const texts = documents.map((_, at) => readFile(`${file(at)}.xml`, 'utf8'))
    return (await Promise.all(texts)).map(shapeOfXml)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function shapeOfXml(xml: string): Shape {
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
  parser.write(xml).close()
  assert.equal(top.length, 1)
  return top[0] ?? ['', '']
}

/** What it should read in `root`, as it shows it. */
export function shapeOf(root: Element): Shape {
  const tag = tagName(root.tag) ?? ''
  const name = isNewer(tag) ? unknown : tag
  const children = childrenOf(root)
  if (children.length > 0) return [name.toLowerCase(), children.map(shapeOf)]
  const [only] = root.children
  const isText = !(only instanceof Uint8Array) && !binary.test(tag)
  // Every reader of XML makes one LF of CR LF (XML 1.0 2.11).
  if (isText) return [name.toLowerCase(), (textOf(root) ?? '').replaceAll(/\r\n?/g, '\n')]
  const bytes = only instanceof Uint8Array ? only : Buffer.from(textOf(root) ?? '')
  return [name.toLowerCase(), Buffer.from(bytes).toString('base64')]
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
/** Whether libwbxml knows no name for this one. */
export const isNewer = (name: string) =>
  newer.has(name) ||
  /^Calendar:(Att(achments?|Name|Size|Oid|Method|Removed)|DisplayName)$/.test(name)

/** Shown as base64 even where they hold text, for they hold bytes in real messages. */
const binary = /:(ConversationId|ConversationIndex|Mime|Content)$|^(ResolveRecipients|Gal):Data$/
/** Shown as text, under its published name. */
export const isShownAsIs = (name: string) => !isNewer(name) && !binary.test(name)
