/** What the portal says, in English. `**` stands around what is said with weight. */
export const en = {
  title: 'Your mail devices',
  page: 'Your devices',
  signInHint: 'Sign in with the name and password of your mail account.',
  linkExpired:
    'This link has expired, or it was sent to somebody else. Your own devices are below.',

  states: {
    none: 'No mail yet',
    unknown: 'Not decided yet',
    allowed: 'Gets mail',
    blocked: 'Blocked',
    quarantined: 'Mail is waiting',
    deviceDiscovery: 'Being recognised',
  },
  steps: { done: 'Done', open: 'To do', waiting: 'Waiting' },
  showSteps: 'Show the steps',
  firstSeen: (moment: string) => `first seen ${moment}`,

  blocked:
    '**This device gets no mail.** You or an administrator blocked it. If that was a mistake, ask your help desk to take it back.',
  notForLong:
    '**Mail still comes, but not for long.** Your organisation only watches for now; soon it will hold mail back here.',
  until: 'Mail comes until',
  beforeThat: 'Put right what is listed below before that.',
  allDone: 'All done: mail comes to this device.',
  comes: 'Mail comes to this device.',
  byItself: 'It arrives by itself, within minutes. There is nothing that you need to do.',

  enrollment: 'Device enrollment',
  compliance: 'Device compliance',
  activation: 'Enrollment activation',

  yours: (name: string) => `This device is yours and is known here as **${name}**.`,
  isItYours: 'Is this your device? Its mail identifier is',
  whereToFind: 'You find it in the account settings of its mail app.',
  mine: 'Yes, it is mine',
  notMine: 'No, it is not mine',
  notYours: 'Not your device?',
  blockIt: 'Block it',
  somebodyKnows:
    'It signed in with your name and password, so somebody else knows them. It is blocked from your mail at once; only an administrator can take that back.',
  changePassword: '**Then change your password, and tell your help desk.**',
  newDevice: 'A new device',
  whichDevice: 'Which device is it?',
  afterReset: '(after a reset, or with another mail app)',

  afterEnrollment: 'Checked as soon as the device is enrolled.',
  afterChange:
    'After a change, open the mail app on the device once: it tells its new state when it looks for mail.',
  checking: 'Checking…',
  check: 'Check compliance',
  things: (count: number) =>
    count === 1 ? 'One thing needs to be put right:' : `${count} things need to be put right:`,
  meets: 'This device meets the rules of your organisation.',
  unchecked:
    'The rules have not been checked on this device yet. That takes a few minutes; mail may wait until then.',
  checkedStill: 'Checked just now: still not right.',
  checkedWell: 'Checked just now: all is well.',
  checked: 'Checked just now.',
  found: 'Found',
  needed: 'Needed',
  howToResolve: 'How to resolve this',

  onceConfirmed: 'Happens by itself once you confirm the device.',
  bound: 'The mail account on this device is bound to it.',
  approval: 'Your part is done: an administrator has to approve the device.',
  notBound: 'The mail account on this device is not bound to it yet.',

  noDevice: 'No device yet',
  addAccount:
    'Open the settings of your phone or tablet and add a mail account of the kind **Exchange** (on Android: **Exchange and Office 365**, or **Corporate**):',
  address: 'Mail address',
  server: 'Server',
  userName: 'User name',
  password: 'Password',
  samePassword: 'the one you signed in with here',
  appears: 'The device appears here within seconds of its first connection.',

  setUp: 'Set up mail on an iPhone or iPad',
  prepared:
    'Your organisation has prepared the account. Open this page on the device itself, load the profile, and install it under **Settings**, **Profile Downloaded**. Your password is asked for then.',
  load: (name: string) => `Load “${name}”`,
  byHand: 'An account of the same mailbox that you set up by hand has to be deleted first.',
  removal: (name: string) => `Remove ${name}`,
  removeProfile: (name: string) => `Remove the mail profile “${name}”`,
  howToRemove:
    'It is no longer meant for you. On the device, open **Settings**, **General**, **VPN & Device Management**, choose it and remove it; its mail leaves the device with it.',
  removed: 'I have removed it',
}

/** What the portal says, in one language. */
export type Said = typeof en
