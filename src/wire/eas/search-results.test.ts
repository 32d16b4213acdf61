import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AirSync, AirSyncBase, Find, Gal, ItemOperations, Search } from '../wbxml/tokens.ts'
import { element, find, findAll, readWbxml, textOf } from '../wbxml/wbxml.ts'
import {
  previewElements,
  readFindQuestion,
  readSearchQuestion,
  writeFindFound,
  writeSearchFound,
  writeSearchStatus,
} from './search-results.ts'

const malformed = { code: 'request.malformed' }
const person = { displayName: 'Bob B', alias: 'bob', emailAddress: 'bob@corp.test' }
const range = { first: 2, last: 9 }

const search = (name: string, query: Parameters<typeof element>[1], options?: string) =>
  element(
    Search.Search,
    element(
      Search.Store,
      element(Search.Name, name),
      element(Search.Query, query),
      options !== undefined && element(Search.Options, element(Search.Range, options)),
    ),
  )

describe('the question of a Search', () => {
  test('people by a word, with the range that is wanted', () => {
    const { options, ...asked } = readSearchQuestion(search('GAL', 'bo', '0-4'))
    assert.ok(options)
    assert.deepEqual(asked, {
      store: 'people',
      text: 'bo',
      collectionId: undefined,
      range: { first: 0, last: 4 },
      tooComplex: false,
    })
  })

  test('mail by words and folder, also within And', () => {
    const words = [element(AirSync.CollectionId, 'in'), element(Search.FreeText, 'plan')]
    for (const query of [words, [element(Search.And, words)]]) {
      const asked = readSearchQuestion(search('Mailbox', query))
      assert.deepEqual([asked.store, asked.text, asked.collectionId], ['mailbox', 'plan', 'in'])
      assert.equal(asked.tooComplex, false)
    }
    const nested = element(Search.And, element(Search.And, words))
    const either = element(Search.And, element(Search.Or, words))
    for (const query of [nested, either])
      assert.equal(readSearchQuestion(search('Mailbox', query)).tooComplex, true)
  })

  test('another store, and a range that is none or runs backwards', () => {
    assert.equal(readSearchQuestion(search('DocumentLibrary', 'x')).store, 'other')
    for (const [text, expected] of [
      ['', { first: 0, last: 99 }],
      ['0-9999', { first: 0, last: 99 }],
      ['-1-5', { first: 0, last: 99 }],
      ['9-3', { first: 9, last: 9 }],
    ] as const)
      assert.deepEqual(readSearchQuestion(search('GAL', 'x', text)).range, expected)
  })

  test('what is no Search with a Store is malformed', () => {
    for (const root of [element(Search.Search), element(AirSync.Sync)])
      assert.throws(() => readSearchQuestion(root), malformed)
  })
})

describe('the question of a Find', () => {
  const ask = (criterion: number, query: Parameters<typeof element>[1]) =>
    element(
      Find.Find,
      element(
        Find.ExecuteSearch,
        element(
          criterion,
          element(Find.Query, query),
          element(Find.Options, element(Find.Range, '1-7')),
        ),
      ),
    )

  test('mail and people', () => {
    const mail = readFindQuestion(
      ask(Find.MailBoxSearchCriterion, [
        element(AirSync.CollectionId, 'in'),
        element(Find.FreeText, 'plan'),
      ]),
    )
    assert.deepEqual([mail.store, mail.text, mail.collectionId], ['mailbox', 'plan', 'in'])
    assert.deepEqual(mail.range, { first: 1, last: 7 })
    const people = readFindQuestion(ask(Find.GalSearchCriterion, 'bo'))
    assert.deepEqual([people.store, people.text], ['people', 'bo'])
  })

  test('without a criterion it is malformed', () => {
    for (const root of [element(Find.Find, element(Find.ExecuteSearch)), element(AirSync.Sync)])
      assert.throws(() => readFindQuestion(root), malformed)
  })
})

describe('answers', () => {
  const message = {
    serverId: 'in:1',
    collectionId: 'in',
    properties: [element(AirSyncBase.NativeBodyType, '1')],
  }

  test('people and messages of a Search, with the range that they fill and the total', () => {
    for (const found of [{ people: [person, person] }, { messages: [message, message] }]) {
      const root = readWbxml(writeSearchFound({ range, total: 30, ...found }))
      const store = find(root, Search.Response, Search.Store)
      assert.ok(store)
      assert.equal(findAll(store, Search.Result).length, 2)
      assert.deepEqual([textOf(store, Search.Range), textOf(store, Search.Total)], ['2-3', '30'])
    }
    const root = readWbxml(writeSearchFound({ range, total: 1, people: [person] }))
    const path = [Search.Response, Search.Store, Search.Result, Search.Properties] as const
    assert.equal(textOf(root, ...path, Gal.EmailAddress), person.emailAddress)
  })

  test('nothing found is one empty Result in a Search, and none in a Find', () => {
    const root = readWbxml(writeSearchFound({ range, total: 0, people: [] }))
    const store = find(root, Search.Response, Search.Store)
    assert.ok(store)
    assert.deepEqual(
      findAll(store, Search.Result).map((one) => one.children),
      [[]],
    )
    assert.equal(find(store, Search.Range), undefined)
    const none = find(readWbxml(writeFindFound({ range, total: 0, messages: [] })), Find.Response)
    assert.ok(none)
    assert.deepEqual(findAll(none, Find.Result), [])
    assert.equal(textOf(none, ItemOperations.Store), 'Mailbox')
  })

  test('a Search that cannot be answered says why in its Store', () => {
    const root = readWbxml(writeSearchStatus(8))
    assert.equal(textOf(root, Search.Status), '1')
    assert.equal(textOf(root, Search.Response, Search.Store, Search.Status), '8')
  })

  test('a Find names its store, and previews mail', () => {
    const properties = previewElements('Hello', true)
    const root = readWbxml(
      writeFindFound({ range, total: 1, messages: [{ ...message, properties }] }),
    )
    const path = [Find.Response, Find.Result, Find.Properties] as const
    assert.equal(textOf(root, ...path, Find.Preview), 'Hello')
    assert.equal(textOf(root, ...path, Find.HasAttachments), '1')
    assert.deepEqual(previewElements('', false).length, 1)
    const people = readWbxml(writeFindFound({ range, total: 1, people: [person] }))
    assert.equal(textOf(people, Find.Response, ItemOperations.Store), 'GAL')
  })
})
