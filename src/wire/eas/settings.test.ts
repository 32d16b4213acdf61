import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RightsManagement, Settings } from '../wbxml/tokens.ts'
import { type Element, element, readWbxml, textOf } from '../wbxml/wbxml.ts'
import { readSettings, writeSettings } from './settings.ts'

describe('Settings', () => {
  test('all parts of a request at once', () => {
    const root = element(
      Settings.Settings,
      element(Settings.Oof, element(Settings.Get, element(Settings.BodyType, 'Text'))),
      element(Settings.DeviceInformation, element(Settings.Set, element(Settings.Model, 'M'))),
      element(Settings.UserInformation, element(Settings.Get)),
      element(Settings.DevicePassword, element(Settings.Set, element(Settings.Password, 'secret'))),
      element(Settings.RightsManagementInformation, element(Settings.Get)),
    )
    const request = readSettings(root)
    assert.deepEqual(request, {
      deviceInformation: { model: 'M' },
      oofGet: { bodyType: 'Text' },
      oofSet: false,
      userInformation: true,
      devicePassword: true,
      rightsManagement: true,
    })
    assert.ok(!JSON.stringify(request).includes('secret'))
    assert.equal(
      readSettings(element(Settings.Settings, element(Settings.Oof, element(Settings.Set)))).oofSet,
      true,
    )
  })

  test('answers name the user in an account from 14.1 on', () => {
    const user = { addresses: ['a@b.c', 'd@b.c'], displayName: 'A' }
    const status = element(Settings.Status, 1)
    const addresses = [
      element(Settings.SMTPAddress, 'a@b.c'),
      element(Settings.SMTPAddress, 'd@b.c'),
    ]
    const written = (version: '14.0' | '14.1') =>
      readWbxml(writeSettings({ status: 1, userInformation: user }, version))
    const expected = (get: Element) =>
      element(
        Settings.Settings,
        status,
        element(Settings.UserInformation, status, element(Settings.Get, get)),
      )
    assert.deepEqual(written('14.0'), expected(element(Settings.EmailAddresses, addresses)))
    assert.deepEqual(
      written('14.1'),
      expected(
        element(
          Settings.Accounts,
          element(
            Settings.Account,
            element(Settings.UserDisplayName, 'A'),
            element(
              Settings.EmailAddresses,
              addresses,
              element(Settings.PrimarySmtpAddress, 'a@b.c'),
            ),
          ),
        ),
      ),
    )
  })

  test('answers give each part its status', () => {
    const status = (value: number) => element(Settings.Status, value)
    const root = readWbxml(
      writeSettings(
        {
          status: 1,
          deviceInformation: 1,
          oofGet: 1,
          userInformation: 5,
          devicePassword: 5,
          rightsManagement: 1,
        },
        '14.1',
      ),
    )
    assert.deepEqual(
      root,
      element(
        Settings.Settings,
        status(1),
        element(Settings.Oof, status(1), element(Settings.Get, element(Settings.OofState, 0))),
        element(Settings.DeviceInformation, status(1)),
        element(Settings.DevicePassword, status(5)),
        element(Settings.UserInformation, status(5)),
        element(
          Settings.RightsManagementInformation,
          status(1),
          element(Settings.Get, element(RightsManagement.RightsManagementTemplates)),
        ),
      ),
    )
    assert.equal(
      textOf(
        readWbxml(writeSettings({ status: 1, oofSet: 5 }, '14.1')),
        Settings.Oof,
        Settings.Status,
      ),
      '5',
    )
  })
})
