import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Access } from '../../access/access.ts'
import type { AccessPolicies, DeviceAccessRule } from '../../access/policy.ts'
import { Failure } from '../../base/failures.ts'
import type { Directory } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { changeOptions } from '../change-options.ts'
import { collection, urlOf } from '../collection.ts'
import { consequenceBody } from '../consequence.ts'
import {
  base,
  type DeviceAccessRuleRow,
  deviceAccessRuleBody,
  deviceAccessRuleChange,
} from '../contract.ts'
import type { SayReason } from '../rows.ts'

interface Rooms {
  readonly access: Access
  readonly directory: Directory
  readonly callers: Callers
  readonly sayReason: SayReason
}

type Keyed = { Params: { identity: string } }
type Rules = AccessPolicies['deviceAccessRules']

const path = `${base}/postern/deviceAccessRules`
const question = z.strictObject({ dryRun: z.enum(['true', 'false']).default('false') })

/**
 * Exchange's device access rules one by one, as its commands do it: New- makes one, Set- changes its level alone, Remove-
 * takes it away. With `dryRun=true` each says what it would do to every known client, and changes nothing.
 */
export function deviceAccessRuleRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { access, callers } = rooms

  /** Makes the change, or tries it; `done` answers with what came of it. */
  const apply = async (
    request: FastifyRequest,
    change: (rules: Rules) => Rules,
    done: (rules: Rules) => unknown,
  ) => {
    const { actor } = await callers.administrator(request)
    const parts = ({ deviceAccessRules }: AccessPolicies) => ({
      deviceAccessRules: change(deviceAccessRules),
    })
    if (question.parse(request.query).dryRun === 'true')
      return await consequenceBody(await access.replay(parts, actor), rooms)
    const changed = await access.change(parts, actor, undefined, changeOptions(request))
    return done(changed.deviceAccessRules)
  }

  app.get(path, async (request) => {
    await callers.administrator(request)
    const { deviceAccessRules } = await access.policies()
    return collection(deviceAccessRules.map(rowOf), request.query, { url: urlOf(request) })
  })

  app.post(path, async (request) => {
    const { name, ...rest } = deviceAccessRuleBody.parse(request.body)
    const rule: DeviceAccessRule = { name: name ?? rest.queryString, ...rest }
    return await apply(
      request,
      (rules) => {
        if (rules.some((one) => fold(one.name) === fold(rule.name)))
          throw new Failure('name.taken', `a rule is called ${JSON.stringify(rule.name)} already`)
        return [...rules, rule]
      },
      () => rowOf(rule),
    )
  })

  app.patch<Keyed>(`${path}/:identity`, async (request) => {
    const { accessLevel } = deviceAccessRuleChange.parse(request.body)
    const { identity } = request.params
    return await apply(
      request,
      (rules) => {
        const rule = ruleOf(rules, identity)
        return rules.map((one) => (one === rule ? { ...rule, accessLevel } : one))
      },
      (rules) => rowOf(ruleOf(rules, identity)),
    )
  })

  app.delete<Keyed>(`${path}/:identity`, async (request, reply) => {
    const { identity } = request.params
    return await apply(
      request,
      (rules) => {
        const rule = ruleOf(rules, identity)
        return rules.filter((one) => one !== rule)
      },
      () => reply.code(204).send(),
    )
  })
}

const fold = (name: string): string => name.toLowerCase()

/** By Exchange's identity, `Name(Characteristic)`, or by the name. Throws `not.found`. */
function ruleOf(rules: Rules, identity: string): DeviceAccessRule {
  const found =
    rules.find((one) => fold(rowOf(one).identity) === fold(identity)) ??
    rules.find(({ name }) => fold(name) === fold(identity))
  if (!found) throw new Failure('not.found', `no device access rule ${JSON.stringify(identity)}`)
  return found
}

function rowOf(rule: DeviceAccessRule): DeviceAccessRuleRow {
  const { name, characteristic, queryString, accessLevel } = rule
  return { identity: `${name}(${characteristic})`, name, characteristic, queryString, accessLevel }
}
