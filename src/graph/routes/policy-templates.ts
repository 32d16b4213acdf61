import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Access } from '../../access/access.ts'
import type { AccessPolicies } from '../../access/policy.ts'
import { produce, templateNamed, templates, withProduced } from '../../access/templates.ts'
import type { Clock } from '../../base/clock.ts'
import { Failure } from '../../base/failures.ts'
import { newId } from '../../base/id.ts'
import { readPolicy, writePolicy } from '../../conditional/read-policy.ts'
import type { Directory, Group } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { changeOptions } from '../change-options.ts'
import { collection, urlOf } from '../collection.ts'
import { consequenceBody } from '../consequence.ts'
import { base, type PolicyTemplateRow, templateBody } from '../contract.ts'
import type { ConsequenceBody } from '../draft-contract.ts'
import { groupNamed } from '../policy-names.ts'
import type { SayReason } from '../rows.ts'

interface Rooms {
  readonly access: Access
  readonly directory: Directory
  readonly callers: Callers
  readonly clock: Clock
  readonly sayReason: SayReason
}

type Named = { Params: { name: string } }

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

  /** What the template makes of the settings in the body, and how the policies in force become with it. */
  const madeBy = async ({ params, body }: FastifyRequest<Named>) => {
    const template = templateNamed(params.name)
    const produced = produce(template, templateBody.parse(body).settings)
    const { groups } = await directory.everybody()
    const createdDateTime = new Date(clock.now()).toISOString()
    const policies = produced.policies.map((document) => {
      const id = newId('cap', clock.now())
      const own = { id, createdDateTime, templateId: template.id }
      return readPolicy({ ...withGroupIds(document, groups), ...own }).policy
    })
    const change = (inForce: AccessPolicies) =>
      withProduced(inForce, template.id, { ...produced, policies })
    return { produced, policies, change }
  }

  app.post<Named>(`${path}/:name`, async (request) => {
    const { actor } = await callers.administrator(request)
    const { produced, policies, change } = await madeBy(request)
    await access.change(change, actor, undefined, changeOptions(request))
    return { ...produced, policies: policies.map(writePolicy) }
  })

  app.post<Named>(`${path}/:name/try`, async (request): Promise<ConsequenceBody> => {
    const { actor } = await callers.administrator(request)
    const { change } = await madeBy(request)
    return consequenceBody(await access.replay(change, actor), rooms)
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
