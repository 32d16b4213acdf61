import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { MyMailProfiles } from '../../src/graph/contract.ts'
import { readPlist } from '../fake/plist.ts'
import { looksWell, password, windows } from './windows.ts'

// Mail profiles in the portal, web/portal/mail-setup.tsx.

const openWindows = windows()

test('F24: a user loads the prepared account from the portal, and is told when to remove it', async (t) => {
  const { house, group, leave, as } = await openWindows(t)
  await house.addUser('alice', password)
  await group('Staff', 'alice')
  const assignments = [
    { target: { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId: 'Staff' } },
  ]
  const page = await as('alice', '/portal/', { width: 390, height: 844 })
  await page.getByText('No device yet').waitFor()
  assert.equal(await page.getByText('Set up mail').count(), 0)

  const api = house.administrator
  await api.call('PUT', '/postern/profiles', {
    value: [
      {
        '@odata.type': '#microsoft.graph.iosEasEmailProfileConfiguration',
        displayName: 'Company mail',
        description: 'For phones and tablets',
        accountName: 'Contoso',
        hostName: 'mail.example.org',
        assignments,
      },
    ],
  })
  const link = page.getByRole('link', { name: 'Load “Company mail”' })
  await link.waitFor()
  await looksWell(page)
  const loading = page.waitForEvent('download')
  await link.click()
  const file = await loading
  assert.equal(file.suggestedFilename(), 'mail.mobileconfig')
  const profile = readPlist(await readFile(await file.path(), 'utf8')) as Record<string, unknown>
  assert.equal(profile['PayloadType'], 'Configuration')
  assert.match(JSON.stringify(profile), /"UserName":"alice"/)

  await leave('Staff', 'alice')
  await page.reload()
  const removal = page.getByRole('region', { name: 'Remove Company mail' })
  await removal.waitFor()
  await looksWell(page)
  await removal.getByRole('button', { name: 'I have removed it' }).click()
  await removal.waitFor({ state: 'detached' })
  const person = await house.portal('alice')
  const left = await person.call<MyMailProfiles>('GET', '/me/mail-profiles')
  assert.deepEqual(left, { value: [], remove: [] })
})
