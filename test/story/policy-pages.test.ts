import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import type {
  DeployedDeviceRow,
  DeploymentBody,
  DeploymentRow,
} from '../../src/graph/collections-contract.ts'
import type { Collection } from '../../src/graph/contract.ts'
import { enrollAgent } from './agent.ts'
import { eventually, knownPhone } from './site.ts'
import { looksWell, seesNames, type Windows, windows } from './windows.ts'

const openWindows = windows()
const tooOld = 'Minimum version of the operating system'

/** Alice's phone is well, two are too old, one device was enrolled and has reported nothing yet. */
async function openFour(t: TestContext) {
  const site = await openWindows(t)
  for (const user of ['alice', 'bob', 'chloe', 'dan']) await site.house.addUser(user)
  await site.apply(
    {
      kind: 'compliancePolicy',
      name: 'Phones',
      platform: 'all',
      settings: { osMinimumVersion: '17.0', securityBlockJailbrokenDevices: true },
      notReported: 'compliant',
    },
    { kind: 'exchangeOnline', enabled: true },
  )
  await site.enforce()
  await knownPhone(site, 'alice', 'ALICE1', { os: '17.4' })
  const bob = await knownPhone(site, 'bob', 'BOB1', { os: '16.1' })
  await knownPhone(site, 'chloe', 'CHLOE1', { os: '15.2' })
  await enrollAgent({ ...site.house }, await site.house.portal('dan'))
  await eventually(async () => {
    const { value } = await read<Collection<DeploymentRow>>(site, '')
    return value[0]?.noncompliant === 2 && value[0].unknown === 1
  }, 'all four are judged')
  return { ...site, bob }
}

const read = <T>({ house }: Windows, path: string) =>
  house.administrator.call<T>('GET', `/postern/deployments${path}`)

/** A tab of the status page, with its number. */
const tab = (page: Page, name: string, count: number) =>
  page.getByRole('button', { name: `${name} ${count}`, exact: true })

describe('the pages of compliance policies', () => {
  test('F21 deployment status: tabs, reasons, and lists of as many devices as the numbers say', async (t) => {
    const { bob, as } = await openFour(t)
    const page = await as('root', '/console/')
    await page.getByRole('link', { name: 'Compliance', exact: true }).click()
    await page.getByRole('link', { name: 'Phones' }).click()
    await page.getByRole('heading', { name: 'Phones' }).waitFor()
    await seesNames(page, tooOld, 'bob_iPhone', 'chloe_iPhone')
    for (const [name, count] of [
      ['Compliant', 1],
      ['Error', 0],
      ['Noncompliant', 2],
      ['Unknown', 1],
    ] as const)
      await tab(page, name, count).waitFor()
    const heads = page.locator('.reasons th')
    assert.deepEqual(await heads.allTextContents(), [
      'Policy',
      'Name',
      'Type',
      'Error category',
      'Error ID',
      'Code',
      'Description',
      'Devices',
    ])
    await looksWell(page)

    // Who never reported is in this tab alone.
    await tab(page, 'Unknown', 1).click()
    await seesNames(page, 'Phones', 'phone')
    await page.getByText('Infrastructural').first().waitFor()
    await page.getByText('It was enrolled and has reported nothing yet.').waitFor()
    await tab(page, 'Compliant', 1).click()
    await seesNames(page, 'Phones', 'alice_iPhone')

    await tab(page, 'Noncompliant', 2).click()
    await page.getByRole('button', { name: tooOld }).click()
    await page.getByRole('heading', { name: `Devices: ${tooOld}` }).waitFor()
    await page.getByLabel('Search devices').fill('chloe')
    await seesNames(page, tooOld, 'chloe_iPhone')
    // What is looked at stands in the address.
    await page.reload()
    await seesNames(page, tooOld, 'chloe_iPhone')
    await page.getByText('1 device of 2').waitFor()
    await page.getByLabel('Search devices').fill('')
    await seesNames(page, tooOld, 'bob_iPhone', 'chloe_iPhone')

    for (const format of ['CSV', 'JSON']) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: `Export ${format}` }).click(),
      ])
      const text = await readFile(await download.path(), 'utf8')
      const rows =
        format === 'JSON'
          ? (JSON.parse(text) as DeployedDeviceRow[]).map(({ deviceName }) => deviceName)
          : text.split('\r\n').slice(1, -1)
      assert.equal(rows.length, 2, text)
      assert.match(rows.join('\n'), /^bob_iPhone.*\nchloe_iPhone/)
    }
    await page.getByRole('button', { name: 'bob_iPhone' }).click()
    await page.getByRole('heading', { name: 'bob_iPhone' }).waitFor()
    await looksWell(page)
    await page.keyboard.press('Escape')

    // The page follows: bob brings his phone up to date.
    await bob.sendDeviceInformation({ model: 'iPhone15C4', os: 'iOS 17.4' })
    await tab(page, 'Noncompliant', 1).waitFor()
    await seesNames(page, tooOld, 'chloe_iPhone')
  })

  test('F08 a policy that demands a mail profile of users who get none says so, until they do', async (t) => {
    const { house, as } = await openWindows(t)
    for (const user of ['alice', 'bob']) await house.addUser(user)
    const { call } = house.administrator
    await call('POST', '/groups', { displayName: 'Staff' })
    await call('POST', '/groups/Staff/members', { add: ['bob'] })
    await call('PUT', '/postern/policies', {
      documents: [
        {
          kind: 'compliancePolicy',
          name: 'Managed mail',
          platform: 'iOS',
          settings: { managedEmailProfileRequired: true },
        },
        { kind: 'compliancePolicy', name: 'Phones', platform: 'iOS', settings: {} },
      ],
    })
    await call('POST', '/deviceManagement/deviceConfigurations', {
      '@odata.type': '#microsoft.graph.iosEasEmailProfileConfiguration',
      displayName: 'Company mail',
      accountName: 'Contoso',
      hostName: 'mail.example.org',
      assignments: [
        { target: { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId: 'Staff' } },
      ],
    })
    const page = await as('root', '/console/?view=policies')
    const warning = page.getByRole('region', { name: 'Without a mail profile: Managed mail' })
    await warning.getByText('2 users').waitFor()
    await page.getByRole('link', { name: 'Managed mail' }).click()
    await warning.getByText('alice, root').waitFor()
    await looksWell(page)
    await call('POST', '/groups/Staff/members', { add: ['alice', 'root'] })
    await warning.waitFor({ state: 'detached' })
    // It is no other policy's trouble.
    await call('POST', '/groups/Staff/members', { remove: ['alice'] })
    await warning.getByText('1 user').waitFor()
    await page.getByRole('link', { name: 'Compliance policies' }).last().click()
    await warning.waitFor()
    await page.getByRole('link', { name: 'Phones' }).click()
    await page.getByRole('heading', { name: 'Phones' }).waitFor()
    await page.getByText('0 devices', { exact: true }).first().waitFor()
    assert.equal(await warning.count(), 0)
  })

  test('F22 charts: every number leads to a list of that length; reasons of most devices first', async (t) => {
    const site = await openFour(t)
    const page = await site.as('root', '/console/?view=policies')
    await page.getByRole('heading', { name: 'Overall device compliance' }).waitFor()
    await page.getByRole('img', { name: 'Compliant: 1, Noncompliant: 2, Unknown: 1' }).waitFor()
    await looksWell(page)
    await page.locator('.legend').getByRole('link', { name: 'Noncompliant' }).click()
    await seesNames(page, tooOld, 'bob_iPhone', 'chloe_iPhone')
    await page.getByRole('link', { name: 'Compliance policies' }).first().click()
    await page.locator('.bars').getByRole('link', { name: tooOld }).click()
    await page.getByText('2 devices', { exact: true }).waitFor()

    const overall = await read<DeploymentBody>(site, '/all')
    const counts = overall.reasons.map(({ deviceCount }) => deviceCount)
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => b - a),
    )
    for (const { id, state, deviceCount } of overall.reasons) {
      const list = await read<Collection<DeployedDeviceRow>>(
        site,
        `/all/reasons/${id}/devices?$filter=state eq '${state}'`,
      )
      assert.equal(list['@odata.count'], deviceCount, `${state} ${id}`)
    }
  })

  test('F23 a collection of the devices that are in a state: as many as the number said', async (t) => {
    const { as } = await openFour(t)
    const page = await as('root', '/console/?view=policies')
    await page.getByRole('link', { name: 'Phones' }).click()
    await tab(page, 'Noncompliant', 2).waitFor()
    await page.getByRole('button', { name: 'Create collection…' }).click()
    await looksWell(page)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Phones: noncompliant' }).waitFor()
    await seesNames(page, 'bob_iPhone', 'chloe_iPhone')
    await page.getByRole('navigation', { name: 'Pages' }).getByText('2 members').waitFor()
  })

  test('F76 a collection by a rule, with members by name beside it; its page follows', async (t) => {
    const { house, as } = await openFour(t)
    const page = await as('root', '/console/?view=collections')
    await page.getByText('No collection yet').waitFor()
    await looksWell(page)
    await page.getByRole('button', { name: 'New collection…' }).click()
    await page.getByLabel('Name').fill('Field staff')
    await page.getByLabel('Users').check()
    await page.getByLabel('Rule').fill('user.shoeSize -eq "44"')
    // Who would be a member is told before, and where the rule goes wrong.
    await page.getByText('user.shoeSize is no property.').waitFor()
    await page.getByText(/^(collection|filter)\.invalid · id [0-9a-f]{12}$/).waitFor()
    await looksWell(page)
    await page.getByRole('button', { name: 'Go there' }).click()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('user.userPrincipalName -startsWith "c"')
    await page.getByText('1 member.').waitFor()
    await page.getByRole('region', { name: 'Members' }).getByText('chloe').first().waitFor()
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('heading', { name: 'Field staff' }).waitFor()
    await seesNames(page, 'chloe')
    await page.getByRole('button', { name: 'Add members…' }).click()
    await page.getByLabel('User names').fill('alice, bob')
    await page.keyboard.press('Enter')
    await seesNames(page, 'alice', 'bob', 'chloe')
    await looksWell(page)
    await house.addUser('carl')
    await seesNames(page, 'alice', 'bob', 'carl', 'chloe')
    await page.getByRole('button', { name: 'Remove bob' }).click()
    await seesNames(page, 'alice', 'carl', 'chloe')

    // Another collection is made of it, and it is changed: who joins and who leaves is told before.
    await house.administrator.call('POST', '/postern/collections', {
      displayName: 'On leave',
      collectionType: 'user',
      directMembers: ['carl'],
    })
    await page.getByRole('button', { name: 'Change…' }).click()
    await page
      .getByLabel('Rule')
      .fill('user.userPrincipalName -contains "b" -or user.mail -startsWith "c"')
    await page
      .getByRole('group', { name: 'Excludes the members of' })
      .getByLabel('On leave')
      .check()
    await page.getByText('3 members, 1 joins, 1 leaves.').waitFor()
    await page.getByRole('region', { name: 'Who joins' }).getByText('bob').first().waitFor()
    await page.getByRole('region', { name: 'Who leaves' }).getByText('carl').first().waitFor()
    await looksWell(page)
    await page.getByRole('button', { name: 'Save' }).click()
    await seesNames(page, 'alice', 'bob', 'chloe')
    await page.getByText('On leave').waitFor()

    await page.getByRole('link', { name: 'Collections' }).first().click()
    await page.getByRole('row', { name: /Field staff Users 3/ }).waitFor()
    await page.getByLabel('Search collections').fill('field')
    await seesNames(page, 'Field staff')
    await looksWell(page)
    await page.getByRole('link', { name: 'Field staff' }).click()
    await page.getByRole('button', { name: 'Delete…' }).click()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await seesNames(page, 'On leave')
  })

  test('a site without policies says so, and a policy that is gone too', async (t) => {
    const { as } = await openWindows(t)
    const page = await as('root', '/console/?view=policies')
    await page.getByText('No compliance policy yet').waitFor()
    await page.getByText('No device is enrolled yet.').waitFor()
    await looksWell(page)
    await page.goto(page.url().replace(/\?.*/, '?view=policies&policy=cpl_gone'))
    await page.getByText('No compliance policy "cpl_gone".').waitFor()
    await looksWell(page)
  })
})
