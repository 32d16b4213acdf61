import type { FastifyInstance } from 'fastify'
import type { Access } from '../../access/access.ts'
import { produce, templateNamed, templates, withProduced } from '../../access/templates.ts'
import type { Clock } from '../../base/clock.ts'
import { Failure } from '../../base/failures.ts'
import { newId } from '../../base/id.ts'
import { readPolicy, writePolicy } from '../../conditional/read-policy.ts'
import type { Directory, Group } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { changeOptions } from '../change-options.ts'
import { collection, urlOf } from '../collection.ts'
import { base, type PolicyTemplateRow, templateBody } from '../contract.ts'
import { groupNamed } from '../policy-names.ts'

interface Rooms {
  readonly access: Access
  readonly directory: Directory
  readonly callers: Callers
  readonly clock: Clock
}

const graphPath = `${base}/identity/conditionalAccess/templates`
const path = `${base}/postern/policyTemplates`

/** Templates of policies: those of one policy as Graph's `conditionalAccessTemplate`, all of them with their settings. */
export function policyTemplateRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { access, directory, callers, clock } = rooms

  app.get(graphPath, async (request) => {
    await callers.administrator(request)
    return collection(graphTemplates, request.query, { url: urlOf(request) })
  })

  app.get<{ Params: { id: string } }>(`${graphPath}/:id`, async (request) => {
    await callers.administrator(request)
    const { id } = templateNamed(request.params.id)
    const found = graphTemplates.find((one) => one.id === id)
    if (!found) throw new Failure('not.found', 'this template makes more than one policy')
    return found
  })

  app.get(path, async (request) => {
    await callers.administrator(request)
    return collection(rows, request.query, { url: urlOf(request) })
  })

  app.post<{ Params: { name: string } }>(`${path}/:name`, async (request) => {
    const { actor } = await callers.administrator(request)
    const template = templateNamed(request.params.name)
    const { settings } = templateBody.parse(request.body)
    const produced = produce(template, settings)
    const { groups } = await directory.everybody()
    const createdDateTime = new Date(clock.now()).toISOString()
    const policies = produced.policies.map((document) => {
      const id = newId('cap', clock.now())
      const own = { id, createdDateTime, templateId: template.id }
      return readPolicy({ ...withGroupIds(document, groups), ...own }).policy
    })
    await access.change(
      (inForce) => withProduced(inForce, template.id, { ...produced, policies }),
      actor,
      undefined,
      changeOptions(request),
    )
    return { ...produced, policies: policies.map(writePolicy) }
  })
}

/** As Graph has it: only what stands in one policy. */
const graphTemplates = templates.flatMap((template) => {
  const [policy, second] = produce(template, {}).policies
  if (!policy || second || Object.keys(template.settings).length > 2) return []
  const { id, title: name, description, scenarios } = template
  const { conditions, grantControls, sessionControls } = readPolicy({ ...policy, id }).policy
  return [
    { id, name, description, scenarios, details: { conditions, grantControls, sessionControls } },
  ]
})

const rows: readonly PolicyTemplateRow[] = templates.map(
  ({ id, name, title, description, settings }) => ({
    id,
    name,
    title,
    description,
    settings: Object.entries(settings).map(([key, setting]) => ({
      key,
      about: setting.about,
      default: setting.default,
      kind: typeof setting.kind === 'string' ? setting.kind : setting.kind.join(' | '),
    })),
  }),
)

/** Names of groups to ids. Throws `not.found` for a group that is none. */
function withGroupIds(
  document: { readonly conditions: Readonly<Record<string, unknown>> },
  groups: readonly Group[],
): object {
  type Users = { readonly includeGroups?: string[]; readonly excludeGroups: string[] }
  const users = document.conditions['users'] as Users // as `usersOf` of the templates writes them
  const ids = (names: readonly string[] = []) => names.map((name) => groupNamed(groups, name))
  const named = {
    ...users,
    includeGroups: ids(users.includeGroups),
    excludeGroups: ids(users.excludeGroups),
  }
  return { ...document, conditions: { ...document.conditions, users: named } }
}
