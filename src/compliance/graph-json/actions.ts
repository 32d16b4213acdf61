import type { ActionType, CompliancePolicy, NoncomplianceAction } from '../policy.ts'
import { asList, isObject, type JsonObject } from './json.ts'
import { invalid, note, type Reader } from './notes.ts'

type Actions = Pick<CompliancePolicy, 'gracePeriodHours' | 'actions'> & {
  /** Graph's name for the one rule that all actions belong to. */
  readonly ruleName?: string
}

/** What this system can do to a device; other actions are kept and never carried out. */
const taken: Readonly<Record<ActionType, boolean>> = {
  notification: true,
  pushNotification: true,
  remoteLock: true,
  retire: true,
  wipe: false,
  removeResourceAccessProfiles: false,
  noAction: false,
}

const noTemplate = '00000000-0000-0000-0000-000000000000'
const longestHours = 365 * 24

/** Reads `scheduledActionsForRule`. Where it has no `block`, there is one at once: it cannot be removed. */
export function readActions(list: unknown, reader: Reader): Actions {
  const rules = asList(list).filter(isObject)
  const blocks: number[] = []
  const actions: NoncomplianceAction[] = []
  for (const [at, rule] of rules.entries()) {
    for (const [index, item] of asList(rule['scheduledActionConfigurations']).entries()) {
      const path = `$.scheduledActionsForRule[${at}].scheduledActionConfigurations[${index}]`
      const action = readAction(item, path, reader)
      if (action.type === 'block') blocks.push(action.gracePeriodHours)
      else actions.push({ ...action, type: action.type })
    }
  }
  if (blocks.length > 1)
    note(reader, '$.scheduledActionsForRule', 'severalBlocks', 'the earliest one counts')
  const ruleName = rules.map((rule) => rule['ruleName']).find((name) => typeof name === 'string')
  return {
    gracePeriodHours: blocks.length > 0 ? Math.min(...blocks) : 0,
    ...(actions.length > 0 && { actions }),
    ...(typeof ruleName === 'string' && ruleName && { ruleName }),
  }
}

function readAction(
  item: unknown,
  path: string,
  reader: Reader,
): Omit<NoncomplianceAction, 'type'> & { type: ActionType | 'block' } {
  if (!isObject(item)) throw invalid(reader, path, 'is no action')
  const { actionType, gracePeriodHours: hours = 0 } = item
  if (typeof actionType !== 'string' || (actionType !== 'block' && !isAction(actionType)))
    throw invalid(reader, `${path}.actionType`, `is no action: ${JSON.stringify(actionType)}`)
  if (typeof hours !== 'number' || !Number.isInteger(hours) || hours < 0 || hours > longestHours)
    throw invalid(reader, `${path}.gracePeriodHours`, 'is no number of hours up to 365 days')
  if (actionType !== 'block' && !taken[actionType])
    note(reader, path, 'actionNotTaken', `${actionType} is kept, and never carried out`)
  return { type: actionType, gracePeriodHours: hours, ...readMail(item) }
}

function isAction(name: string): name is ActionType {
  return Object.hasOwn(taken, name)
}

function readMail(
  item: JsonObject,
): Pick<NoncomplianceAction, 'notificationTemplateId' | 'notificationMessageCCList'> {
  const { notificationTemplateId: template, notificationMessageCCList: list } = item
  const groups = asList(list).filter((group) => typeof group === 'string')
  return {
    ...(typeof template === 'string' &&
      template &&
      template !== noTemplate && { notificationTemplateId: template }),
    ...(groups.length > 0 && { notificationMessageCCList: groups }),
  }
}

/** Writes `scheduledActionsForRule`, `block` first. */
export function writeActions(
  { gracePeriodHours, actions = [] }: Pick<CompliancePolicy, 'gracePeriodHours' | 'actions'>,
  ruleName: unknown,
): readonly JsonObject[] {
  const block = { actionType: 'block', gracePeriodHours }
  const others = actions.map(({ type, ...rest }) => ({ actionType: type, ...rest }))
  return [
    {
      ...(typeof ruleName === 'string' && { ruleName }),
      scheduledActionConfigurations: [block, ...others],
    },
  ]
}
