import type { Fix } from '../compliance/catalogue.ts'
import type { FixWords } from './wording.ts'

/** Words for what puts findings right; the settings that most devices meet have words of their own besides. */
export const fixWords: Readonly<Record<Fix, FixWords>> = {
  setPassword: {
    title: 'No password',
    howToResolve: 'Set a PIN or password in the security settings of the device.',
  },
  strengthenPassword: {
    title: 'The password is too weak',
    howToResolve: 'Choose a new PIN or password that meets this, in the security settings.',
  },
  setLockTime: {
    title: 'The device locks too late',
    howToResolve:
      'Choose a shorter time until the screen locks, in the display or security settings.',
  },
  encryptStorage: {
    title: 'Storage is not encrypted',
    howToResolve: 'Switch encryption on in the security settings; on Windows it is BitLocker.',
  },
  updateSystem: {
    title: 'The system is too old',
    howToResolve: 'Install the latest system update for the device.',
  },
  useSupportedSystem: {
    title: 'This version of the system is not allowed',
    howToResolve: 'Ask your administrator which versions are. A newer one may not be released yet.',
  },
  installUpdates: {
    title: 'Updates are missing',
    howToResolve: 'Install the updates that wait, and switch automatic updates on.',
  },
  restoreSystem: {
    title: 'The system has been tampered with',
    howToResolve: 'Restore the device to the original system of its maker.',
  },
  enableBootSecurity: {
    title: 'A protection of the hardware is off',
    howToResolve:
      'Switch it on in the security settings of Windows or in the firmware, then restart the device.',
  },
  enableSystemProtection: {
    title: 'System protection is off',
    howToResolve: 'Ask your administrator to switch System Integrity Protection on again.',
  },
  enableFirewall: {
    title: 'The firewall does not protect enough',
    howToResolve: 'Open the firewall settings of the device and switch this on.',
  },
  enableAntivirus: {
    title: 'Virus protection is off or out of date',
    howToResolve: 'Open the virus protection of the device, switch it on and let it update.',
  },
  removeThreat: {
    title: 'The device may be under threat',
    howToResolve: 'Open the protection app, do what it recommends, and let it report again.',
  },
  removeApp: {
    title: 'Something is installed that is not allowed',
    howToResolve: 'Remove it from the device.',
  },
  restrictAppSources: {
    title: 'Apps may come from anywhere',
    howToResolve: 'Allow apps from the official store only, in the security settings.',
  },
  disableDebugging: {
    title: 'Debugging is on',
    howToResolve: 'Switch USB debugging off in the developer options.',
  },
  repairStoreServices: {
    title: 'The protection of the app store does not work',
    howToResolve: 'Open the Play Store, update it, and switch the scanning of apps on.',
  },
  repairManagementApp: {
    title: 'The management app is damaged',
    howToResolve: 'Remove it and install it again from the store.',
  },
  installMailProfile: {
    title: 'The mail account was set up by hand',
    howToResolve: 'Remove the mail account from the device. Your organisation then adds it anew.',
  },
  registerDevice: {
    title: 'The device is not registered',
    howToResolve: 'Open the page below on the device and register it.',
  },
  reportDevice: {
    title: 'The device has not reported for too long',
    howToResolve: 'Bring the device online and open its management app, or the page below, once.',
  },
  askAdministrator: {
    title: 'A rule is not met',
    howToResolve: 'Ask your administrator what this rule needs.',
  },
}
