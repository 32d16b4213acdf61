import {
  AirSync,
  ComposeMail,
  Find,
  FolderHierarchy,
  GetItemEstimate,
  ItemOperations,
  MeetingResponse,
  Move,
  Ping,
  Provision,
  ResolveRecipients,
  Search,
  Settings,
  ValidateCert,
} from '../wbxml/tokens.ts'
import type { Tag } from '../wbxml/wbxml.ts'
import { atLeast, type EasVersion } from './version.ts'

/** Every EAS command that may reach an upstream, by its code in the base64 query (MS-ASHTTP 2.2.1.1.1.1.2). */
export type EasCommand =
  | 'Sync'
  | 'SendMail'
  | 'SmartForward'
  | 'SmartReply'
  | 'GetAttachment'
  | 'FolderSync'
  | 'FolderCreate'
  | 'FolderDelete'
  | 'FolderUpdate'
  | 'MoveItems'
  | 'GetItemEstimate'
  | 'MeetingResponse'
  | 'Search'
  | 'Settings'
  | 'Ping'
  | 'ItemOperations'
  | 'Provision'
  | 'ResolveRecipients'
  | 'ValidateCert'
  | 'Find'

/** How a command's answer says that it failed as a whole: root, then Status, with what must stand between. */
export interface AnswerTags {
  readonly root: Tag
  /** Where the schema wants the Status inside another element (MeetingResponse). */
  readonly within?: Tag
  readonly status: Tag
}

interface Command {
  readonly code: number
  readonly since: EasVersion
  /** Absent: GetAttachment answers bytes, never WBXML. */
  readonly answer?: AnswerTags
}

const hierarchy = (root: Tag): AnswerTags => ({ root, status: FolderHierarchy.Status })
const compose = (root: Tag): AnswerTags => ({ root, status: ComposeMail.Status })

const commands: Readonly<Record<EasCommand, Command>> = {
  Sync: { code: 0, since: '2.5', answer: { root: AirSync.Sync, status: AirSync.Status } },
  SendMail: { code: 1, since: '2.5', answer: compose(ComposeMail.SendMail) },
  SmartForward: { code: 2, since: '2.5', answer: compose(ComposeMail.SmartForward) },
  SmartReply: { code: 3, since: '2.5', answer: compose(ComposeMail.SmartReply) },
  GetAttachment: { code: 4, since: '2.5' },
  FolderSync: { code: 9, since: '2.5', answer: hierarchy(FolderHierarchy.FolderSync) },
  FolderCreate: { code: 10, since: '2.5', answer: hierarchy(FolderHierarchy.FolderCreate) },
  FolderDelete: { code: 11, since: '2.5', answer: hierarchy(FolderHierarchy.FolderDelete) },
  FolderUpdate: { code: 12, since: '2.5', answer: hierarchy(FolderHierarchy.FolderUpdate) },
  MoveItems: { code: 13, since: '2.5', answer: { root: Move.MoveItems, status: Move.Status } },
  GetItemEstimate: {
    code: 14,
    since: '2.5',
    answer: { root: GetItemEstimate.GetItemEstimate, status: GetItemEstimate.Status },
  },
  MeetingResponse: {
    code: 15,
    since: '2.5',
    answer: {
      root: MeetingResponse.MeetingResponse,
      within: MeetingResponse.Result,
      status: MeetingResponse.Status,
    },
  },
  Search: { code: 16, since: '2.5', answer: { root: Search.Search, status: Search.Status } },
  Settings: {
    code: 17,
    since: '12.0',
    answer: { root: Settings.Settings, status: Settings.Status },
  },
  Ping: { code: 18, since: '2.5', answer: { root: Ping.Ping, status: Ping.Status } },
  ItemOperations: {
    code: 19,
    since: '12.0',
    answer: { root: ItemOperations.ItemOperations, status: ItemOperations.Status },
  },
  Provision: {
    code: 20,
    since: '2.5',
    answer: { root: Provision.Provision, status: Provision.Status },
  },
  ResolveRecipients: {
    code: 21,
    since: '2.5',
    answer: { root: ResolveRecipients.ResolveRecipients, status: ResolveRecipients.Status },
  },
  ValidateCert: {
    code: 22,
    since: '2.5',
    answer: { root: ValidateCert.ValidateCert, status: ValidateCert.Status },
  },
  Find: { code: 23, since: '16.1', answer: { root: Find.Find, status: Find.Status } },
}

/** Every command, in the order of their codes. */
export const easCommands: readonly EasCommand[] = Object.keys(commands) as EasCommand[] // keys of the Record above

const byCode = new Map(easCommands.map((command) => [commands[command].code, command]))
const byName = new Map(easCommands.map((command) => [command.toLowerCase(), command]))

/** The command of a code of the base64 query. */
export function commandOfCode(code: number): EasCommand | undefined {
  return byCode.get(code)
}

/** The code of a command in the base64 query. */
export function codeOfCommand(command: EasCommand): number {
  return commands[command].code
}

/** The command of this name, in the spelling of the protocol; any case is taken. */
export function commandOfName(name: string): EasCommand | undefined {
  return Object.hasOwn(commands, name) ? (name as EasCommand) : byName.get(name.toLowerCase()) // own key, so a command
}

/** Every command that exists in this version, for MS-ASProtocolCommands. */
export function commandsOf(version: EasVersion): readonly EasCommand[] {
  return easCommands.filter((command) => atLeast(version, commands[command].since))
}

/** Where the Status of a whole failed command stands in its answer; `undefined` for GetAttachment, which answers no WBXML. */
export function answerTags(command: EasCommand): AnswerTags | undefined {
  return commands[command].answer
}
