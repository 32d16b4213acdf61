import { SaxesParser } from 'saxes'
import type { Plist } from '../../src/wire/plist/plist.ts'

/** A reader of XML property lists that takes nothing which Apple's DTD does not name; throws an `Error` for the rest. */
export function readPlist(xml: string): Plist {
  const root: Open = { name: '', items: [], text: '', key: undefined }
  const open: Open[] = [root]
  const parser = new SaxesParser()
  const top = () => open.at(-1) ?? fail('nothing is open')
  parser.on('error', (thrown) => {
    throw thrown
  })
  parser.on('doctype', (said) => {
    if (!said.includes('"-//Apple//DTD PLIST 1.0//EN"')) fail(`DOCTYPE ${said}`)
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (JSON.stringify(attributes) !== (name === 'plist' ? '{"version":"1.0"}' : '{}'))
      fail(`attributes of ${name}`)
    open.push({ name, items: [], text: '', key: undefined })
  })
  parser.on('text', (text) => {
    top().text += text
  })
  parser.on('closetag', () => {
    const closed = open.pop() ?? fail('nothing is open')
    take(top(), closed)
  })
  parser.write(xml).close()
  const [plist, more] = root.items
  if (plist === undefined || more !== undefined) fail('there is not exactly one value')
  return plist ?? fail('no value')
}

interface Open {
  readonly name: string
  readonly items: (Plist | readonly [key: string, value: Plist])[]
  text: string
  key: string | undefined
}

function fail(what: string): never {
  throw new Error(`no property list: ${what}`)
}

const leaves = new Set(['string', 'integer', 'date', 'data', 'key'])

function take(into: Open, closed: Open): void {
  if (!leaves.has(closed.name) && closed.text.trim() !== '') fail(`text in ${closed.name}`)
  if (closed.name === 'key') {
    if (into.name !== 'dict' || into.key !== undefined) fail('a key out of place')
    into.key = closed.text
    return
  }
  const value = valueOf(closed)
  if (into.name !== 'dict') {
    if (!['', 'plist', 'array'].includes(into.name)) fail(`${closed.name} in ${into.name}`)
    into.items.push(value)
    return
  }
  const { key } = into
  if (key === undefined) fail('a value without its key')
  into.items.push([key ?? '', value])
  into.key = undefined
}

function valueOf({ name, items, text, key }: Open): Plist {
  if (leaves.has(name) && items.length > 0) fail(`elements in ${name}`)
  switch (name) {
    case 'string':
      return text
    case 'true':
    case 'false':
      return name === 'true'
    case 'integer':
      return /^-?\d+$/.test(text) ? Number(text) : fail(`integer ${text}`)
    case 'date':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? new Date(text) : fail(`date ${text}`)
    case 'data':
      return Uint8Array.from(Buffer.from(text, 'base64'))
    case 'array':
      return items
    case 'dict': {
      if (key !== undefined) fail('a key without its value')
      const entries = items as (readonly [string, Plist])[] // and nothing else
      if (new Set(entries.map(([one]) => one)).size !== entries.length) fail('a key twice')
      return Object.fromEntries(entries)
    }
    case 'plist':
      return items.length === 1 ? (items[0] ?? fail('no value')) : fail('not exactly one value')
    default:
      return fail(name)
  }
}
