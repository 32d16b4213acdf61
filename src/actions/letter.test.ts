import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Device } from '../devices/devices.ts'
import type { User } from '../directory/directory.ts'
import { composeLetter, type Letter, plainOf } from './letter.ts'
import {
  type Brand,
  builtIn,
  messageFor,
  noBrand,
  type Template,
  templateFault,
} from './template.ts'
import { fillIn, tokenTable, type TokenName } from './tokens.ts'

// This also holds src/actions/template.ts and src/actions/tokens.ts.

const user: User = {
  id: 'usr_1',
  name: 'anna',
  displayName: 'Anna',
  mail: 'anna@example.org',
  enabled: true,
  role: 'user',
}
const device: Device = {
  id: 'dev_1',
  owner: user.id,
  ownership: 'personal',
  name: 'Anna’s phone',
  channel: 'report',
  registration: 'registered',
  enrolledAt: 0,
  facts: { model: { value: 'iPhone15C4', trust: 'managed', source: 'report', at: 0 } },
}
const finding = { rule: 'passwordRequired', policy: 'Phones', measured: false, required: true }
const matter = {
  user,
  device,
  policyName: 'Phones',
  findings: [finding],
  since: Date.UTC(2026, 2, 1, 9, 30),
  blockedFrom: Date.UTC(2026, 2, 8, 9, 30),
}
const brand: Brand = {
  ...noBrand,
  displayName: 'Contoso',
  contactITName: 'Help desk',
  contactITPhoneNumber: '4711',
  logo: { type: 'image/png', value: 'iVBORw0KGgo=' },
}
const wording = {
  explain: () => ({
    title: 'No password',
    howToResolve: 'Set one.',
    measured: 'no',
    required: 'yes',
  }),
  tame: (text: string) => text.replace(/\s+/g, ' '),
}
const portalUrl = 'https://mail.example.org/portal/'

const template = (rest: Partial<Template>): Template => ({ ...builtIn, id: 'nmt_1', ...rest })
const message = (locale: string, subject: string, messageTemplate = 'Text') => ({
  id: locale,
  locale,
  subject,
  messageTemplate,
  modifiedAt: 0,
})
const write = (of: Template, locale?: string): Letter => {
  const letter = composeLetter(of, { matter, brand, portalUrl }, wording, locale)
  assert.ok(letter)
  return letter
}
const kinds = ({ passages }: Letter) => passages.map(({ kind }) => kind)

test('F20: a reader gets the own locale, else the own language, else the default', () => {
  const of = template({
    defaultLocale: 'en-us',
    messages: [message('de-de', 'Achtung'), message('en-us', 'Mind'), message('fr', 'Attention')],
  })
  const seen = (locale?: string) => write(of, locale).subject
  assert.deepEqual(
    [seen('de-DE'), seen('de-at'), seen('fr-ca'), seen('ja-jp'), seen()],
    ['Achtung', 'Achtung', 'Attention', 'Mind', 'Mind'],
  )
  assert.equal(messageFor(template({ messages: [] })), undefined)
})

test('F20: logo, company, contact, portal link and device are shown as the template wants', () => {
  const bare = template({ branding: [], messages: [message('en-us', 'Mind')] })
  assert.deepEqual(kinds(write(bare)), ['title', 'paragraph'])
  const shown = (branding: Template['branding']) => kinds(write({ ...bare, branding })).toString()
  assert.equal(shown(['includeCompanyLogo']), 'image,title,paragraph')
  assert.equal(shown(['includeCompanyName']), 'heading,title,paragraph')
  assert.equal(shown(['includeContactInformation']), 'title,paragraph,heading,rows')
  assert.equal(shown(['includeCompanyPortalLink']), 'title,paragraph,link')
  assert.equal(shown(['includeDeviceDetails']), 'title,paragraph,heading,rows')
  const { passages } = write({ ...bare, branding: ['includeContactInformation'] })
  assert.deepEqual(passages.at(-1), {
    kind: 'rows',
    rows: [
      ['Name', 'Help desk'],
      ['Telephone', '4711'],
    ],
  })
})

test('tokens say who, which device, which policy, what is wrong, how to fix it, and until when', () => {
  const text = [
    '{{userDisplayName}} {{ DEVICENAME }} {{Model}} {{policyName}}',
    '{{issues}}',
    '{{noncompliantSince}} to {{blockedFrom}}, {{portalLink}}, {{companyName}}',
  ].join('<br>')
  const { passages } = write(template({ branding: [], messages: [message('en-us', 'S', text)] }))
  assert.deepEqual(
    passages.map((passage) => ('text' in passage ? passage.text : '')),
    [
      'S',
      'Anna Anna’s phone iPhone15C4 Phones',
      'No password (found: no; needed: yes). Set one.',
      '2026-03-01 09:30 UTC to 2026-03-08 09:30 UTC, https://mail.example.org/portal/?device=dev_1, Contoso',
    ],
  )
})

test('a template with a token that nobody knows, a locale that is none, or one twice is refused', () => {
  const of = (...messages: Template['messages']) => templateFault(template({ messages }))
  assert.equal(of(message('en-us', 'S', '{{deviceName}}')), undefined)
  assert.match(of(message('en-us', 'S', '{{colour}}')) ?? '', /\{\{colour\}\}/)
  assert.match(of(message('english!', 'S')) ?? '', /locale/)
  assert.match(of(message('de-de', 'S'), message('de-de', 'T')) ?? '', /twice/)
  assert.equal(templateFault(builtIn), undefined)
})

test('law: a value that looks like a token or like HTML stays a value', () => {
  const names = Object.keys(tokenTable) as TokenName[] // its keys
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.string(), (name, value) => {
      const values = Object.fromEntries(names.map((one) => [one, `{{${one}}}${value}`]))
      const filled = fillIn(`{{${name}}}`, values as Record<TokenName, string>) // all of them
      assert.equal(filled, `{{${name}}}${value}`)
    }),
  )
  assert.equal(plainOf('<p>One <b>two</b></p><ul><li>three</li></ul>'), 'One two\n- three\n\n')
})
