import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type MailboxRig, mail, openMailboxRig } from '../../../test/fake/mailbox-rig.ts'
import { AirSync, Email, Find, Gal, Search, Settings } from '../../wire/wbxml/tokens.ts'
import { element, find, findAll, textOf } from '../../wire/wbxml/wbxml.ts'

// Search, Find and Settings of the built-in mailbox (MS-ASCMD 2.2.1.2, 16, 18).

let rig: MailboxRig
before(async () => {
  rig = await openMailboxRig()
})
after(() => rig.stop())

async function filled() {
  const user = rig.person()
  const all = [
    mail('Budget 2026', 'numbers'),
    mail('lunch', 'about the BUDGET'),
    mail('100%_x', 'y'),
  ]
  for (const message of all) await rig.mailbox.deliver(user.id, message)
  const { client } = rig.own({ user, version: '16.1' })
  await client.folderSync()
  return { client, user }
}

describe('search in the mailbox', () => {
  test('finds in subject, people and text, newest first, with ids to fetch', async () => {
    const { client } = await filled()
    const found = await client.search('Mailbox', 'budget')
    assert.equal(found.status, 1)
    assert.equal(found.total, 2)
    const subjects = found.results.map((one) => textOf(one, Email.Subject))
    assert.deepEqual(subjects, ['lunch', 'Budget 2026'])
    const mailOf = await client.fetch('', found.ids[0] ?? '')
    assert.equal(mailOf.mail?.subject, 'lunch')
    assert.equal((await client.search('Mailbox', 'bob@corp')).total, 3)
  })

  test('signs have no meaning', async () => {
    const { client } = await filled()
    assert.equal((await client.search('Mailbox', '%')).total, 1)
    assert.equal((await client.search('Mailbox', '100%_X')).total, 1)
    assert.equal((await client.search('Mailbox', '_')).total, 1)
    assert.equal((await client.search('Mailbox', '\\')).total, 0)
  })

  test('shows the range that is asked for', async () => {
    const { client } = await filled()
    const second = await client.search('Mailbox', 'budget', '1-1')
    assert.deepEqual(
      second.results.map((one) => textOf(one, Email.Subject)),
      ['Budget 2026'],
    )
    assert.equal(second.total, 2)
    assert.equal((await client.search('Mailbox', 'budget', '0-100')).status, 12)
  })

  test('nothing found is one empty result', async () => {
    const { client } = await filled()
    const found = await client.search('Mailbox', 'nothing like it')
    assert.equal(found.status, 1)
    assert.deepEqual(found.results, [])
    const store = found.seen.root && find(found.seen.root, Search.Response, Search.Store)
    assert.equal(store && findAll(store, Search.Result).length, 1)
  })

  test("does not find another's mail", async () => {
    const { client } = rig.own({ user: rig.person() })
    assert.equal((await client.search('Mailbox', 'budget')).total, 0)
  })
})

describe('search for people', () => {
  test('finds who can sign in by name, display name and address', async () => {
    const { client } = await filled()
    const found = await client.search('GAL', 'BOB')
    assert.deepEqual(
      found.results.map((one) => [
        textOf(one, Gal.DisplayName),
        textOf(one, Gal.Alias),
        textOf(one, Gal.EmailAddress),
      ]),
      [['Bob Example', 'bob', 'bob@corp.test']],
    )
    assert.equal((await client.search('GAL', '')).total, 0)
  })
})

describe('Find', () => {
  test('finds messages with a preview, and people', async () => {
    const { client } = await filled()
    const ask = (criterion: number, text: string) =>
      element(
        Find.Find,
        element(Find.SearchId, 's-1'),
        element(
          Find.ExecuteSearch,
          element(
            criterion,
            criterion === Find.GalSearchCriterion
              ? element(Find.Query, text)
              : element(Find.Query, element(AirSync.Class, 'Email'), element(Find.FreeText, text)),
            element(Find.Options, element(Find.Range, '0-9')),
          ),
        ),
      )
    const mails = await client.call('Find', ask(Find.MailBoxSearchCriterion, 'lunch'))
    assert.equal(mails.status, 1)
    const path = [Find.Response, Find.Result, Find.Properties] as const
    const properties = mails.root && find(mails.root, ...path)
    assert.equal(properties && textOf(properties, Email.Subject), 'lunch')
    assert.equal(properties && textOf(properties, Find.Preview)?.trim(), 'about the BUDGET')
    const people = await client.call('Find', ask(Find.GalSearchCriterion, 'bob'))
    const person = people.root && find(people.root, ...path)
    assert.equal(person && textOf(person, Gal.EmailAddress), 'bob@corp.test')
  })
})

describe('Settings', () => {
  test('out of office is off and cannot be set; addresses are told', async () => {
    const { client, user } = await filled()
    const get = await client.call(
      'Settings',
      element(
        Settings.Settings,
        element(Settings.Oof, element(Settings.Get, element(Settings.BodyType, 'Text'))),
        element(Settings.UserInformation, element(Settings.Get)),
      ),
    )
    assert.equal(get.status, 1)
    const oof = get.root && find(get.root, Settings.Oof)
    assert.equal(oof && textOf(oof, Settings.Status), '1')
    assert.equal(oof && textOf(oof, Settings.Get, Settings.OofState), '0')
    assert.match(Buffer.from(get.body).toString('latin1'), new RegExp(user.mail))
    const set = await client.call(
      'Settings',
      element(
        Settings.Settings,
        element(Settings.Oof, element(Settings.Set, element(Settings.OofState, '1'))),
      ),
    )
    assert.equal(set.status, 1)
    assert.equal(set.root && textOf(set.root, Settings.Oof, Settings.Status), '3')
  })

  test('a recovery password is denied by policy', async () => {
    const { client } = await filled()
    const seen = await client.call(
      'Settings',
      element(
        Settings.Settings,
        element(Settings.DevicePassword, element(Settings.Set, element(Settings.Password, '1234'))),
      ),
    )
    assert.equal(seen.root && textOf(seen.root, Settings.DevicePassword, Settings.Status), '7')
  })
})
