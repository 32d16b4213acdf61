import type { ReactNode } from 'react'
import type { ManagedDevice } from '../../src/graph/contract.ts'
import { Moment } from '../look/moment.tsx'
import {
  channelName,
  complianceWord,
  judgedWords,
  ownerName,
  reasonName,
  stateWords,
  systemOf,
  type Tone,
  yesNo,
} from './words.ts'

/** One column of a list: of the devices page, unless said otherwise. */
export interface Column<T = ManagedDevice, Id extends string = keyof T & string> {
  /** The property that the server sorts by; any name where it does not. */
  readonly id: Id
  /** As Exchange or Configuration Manager calls it. */
  readonly name: string
  /** Where the whole name would make the column far wider than its values. */
  readonly short?: string
  /** The server cannot sort by it. */
  readonly unsorted?: true
  /** Hidden until chosen. */
  readonly hidden?: true
  /** As it stands in an exported file. */
  text(row: T): string
  /** As it is shown, where that is more than the text. */
  show?(row: T): ReactNode
}

/** A word with the colour of its meaning. */
export function State({ word, tone }: { word: string; tone: Tone }): ReactNode {
  return word ? <span className={`state ${tone}`}>{word}</span> : null
}

type Named<T> = { readonly [K in keyof ManagedDevice]: ManagedDevice[K] extends T ? K : never }

const text = (
  id: Named<string>[keyof ManagedDevice],
  name: string,
  rest: Partial<Column> = {},
): Column => ({ id, name, text: (row) => row[id], ...rest })

const flag = (id: Named<boolean>[keyof ManagedDevice], name: string): Column => ({
  id,
  name,
  hidden: true,
  text: (row) => yesNo(row[id]),
})

const moment = (
  id: Named<string | null>[keyof ManagedDevice],
  name: string,
  rest: Partial<Column> = {},
): Column => ({
  id,
  name,
  text: (row) => row[id] ?? '',
  show: (row) => <Moment iso={row[id]} />,
  ...rest,
})

const hidden = { hidden: true } as const

/** Every column, in the order in which they stand. */
export const columns: readonly Column[] = [
  text('deviceName', 'Name'),
  text('userPrincipalName', 'Primary user'),
  {
    id: 'exchangeAccessState',
    name: 'Exchange Access State',
    short: 'Exchange Access\u00A0State',
    text: (row) => stateWords[row.exchangeAccessState][0],
    show(row) {
      const [word, tone] = stateWords[row.exchangeAccessState]
      return <State word={word} tone={tone} />
    },
  },
  {
    id: 'exchangeAccessStateReason',
    name: 'Exchange Access State Reason',
    short: 'Reason',
    text: (row) => reasonName(row.exchangeAccessStateReason),
  },
  {
    id: 'judged',
    name: 'When enforced',
    text: (row) => judgedWords[row.judged][0],
    show(row) {
      const [word, tone] = judgedWords[row.judged]
      return <State word={word} tone={tone} />
    },
  },
  {
    id: 'complianceState',
    name: 'Compliance',
    text: (row) => complianceWord(row.complianceState)[0],
  },
  moment('exchangeLastSuccessfulSyncDateTime', 'Last Success Sync Time To Exchange Server', {
    short: 'Last Success\u00A0Sync',
  }),
  { id: 'operatingSystem', name: 'Operating system', text: systemOf },
  text('model', 'Model'),
  text('userDisplayName', 'User display name', hidden),
  text('emailAddress', 'Mail address', hidden),
  text('easDeviceId', 'EAS device ID', hidden),
  text('easDeviceType', 'Device type', hidden),
  text('easVersion', 'EAS version', hidden),
  text('userAgent', 'User agent', hidden),
  flag('easActivated', 'EAS activated'),
  flag('azureADRegistered', 'Registered'),
  {
    id: 'azureADDeviceId',
    name: 'Device ID',
    hidden: true,
    text: (row) => row.azureADDeviceId ?? '',
  },
  {
    id: 'managedDeviceOwnerType',
    name: 'Device owner',
    hidden: true,
    text: (row) => ownerName(row.managedDeviceOwnerType),
  },
  {
    id: 'managementAgent',
    name: 'Management channel',
    hidden: true,
    text: (row) => channelName(row.managementAgent),
  },
  text('imei', 'IMEI', hidden),
  text('serialNumber', 'Serial number', hidden),
  text('phoneNumber', 'Phone number', hidden),
  moment('firstSeenDateTime', 'First seen', hidden),
  moment('lastSyncDateTime', 'Last contact', hidden),
  moment('enrolledDateTime', 'Enrolled', hidden),
  moment('complianceGracePeriodExpirationDateTime', 'Grace period ends', hidden),
]
