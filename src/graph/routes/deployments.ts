import type { FastifyInstance } from 'fastify'
import { Failure } from '../../base/failures.ts'
import type { Compliance } from '../../compliance/compliance.ts'
import type { DeployedDevice } from '../../compliance/deployment.ts'
import type { KeptPolicy } from '../../compliance/policy.ts'
import type { Devices } from '../../devices/devices.ts'
import type { Directory } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { collection, urlOf } from '../collection.ts'
import type { DeploymentBody } from '../collections-contract.ts'
import { base } from '../contract.ts'
import {
  count,
  deployedRow,
  deploymentReasons,
  deploymentRow,
  emptyRow,
  type Head,
  headOf,
  overall,
  standOverall,
  withReason,
} from '../deployments.ts'

interface Rooms {
  readonly compliance: Compliance
  readonly devices: Devices
  readonly directory: Directory
  readonly callers: Callers
}

type Keyed = { Params: { id: string } }
type Reasoned = { Params: { id: string; reason: string } }

const path = `${base}/postern/deployments`
const rowNames = Object.keys(emptyRow(overall))
const deviceNames = [
  'id',
  'deviceName',
  'userPrincipalName',
  'state',
  'errorCategory',
  'errorId',
  'lastReportDateTime',
]

/** Deployment status: how devices stand under each policy, why, and which ones these are; `all` is every policy at once. */
export function deploymentRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { compliance, devices, directory, callers } = rooms

  async function stand(key: string): Promise<{ head: Head; all: readonly DeployedDevice[] }> {
    if (key === overall.id) {
      const { devices: enrolled } = await devices.list()
      return { head: overall, all: standOverall(enrolled, await compliance.verdicts()) }
    }
    const kept = await policyNamed(compliance, key)
    const all: DeployedDevice[] = []
    await compliance.deployed((_kept, one) => void all.push(one), kept.id)
    return { head: headOf(kept), all }
  }

  async function rowsOf(some: readonly DeployedDevice[]) {
    const { users } = await directory.everybody()
    const owners = new Map<string, string>(users.map(({ id, name }) => [id, name]))
    return some.map((one) => deployedRow(one, owners))
  }

  app.get(path, async (request) => {
    await callers.administrator(request)
    const rows = new Map((await compliance.kept()).map((kept) => [kept.id, emptyRow(headOf(kept))]))
    await compliance.deployed(({ id }, one) => {
      const row = rows.get(id)
      if (row) count(row, one) // else a policy that came meanwhile
    })
    return collection([...rows.values()], request.query, {
      url: urlOf(request),
      properties: rowNames,
    })
  })

  app.get<Keyed>(`${path}/:id`, async (request): Promise<DeploymentBody> => {
    await callers.administrator(request)
    const { head, all } = await stand(request.params.id)
    return { ...deploymentRow(head, all), reasons: deploymentReasons(head, all) }
  })

  app.get<Keyed>(`${path}/:id/devices`, async (request) => {
    await callers.administrator(request)
    const { all } = await stand(request.params.id)
    const shape = { url: urlOf(request), properties: deviceNames }
    return collection(await rowsOf(all), request.query, shape)
  })

  app.get<Reasoned>(`${path}/:id/reasons/:reason/devices`, async (request) => {
    await callers.administrator(request)
    const { id, reason } = request.params
    const { all } = await stand(id)
    const shape = { url: urlOf(request), properties: deviceNames }
    return collection(await rowsOf(withReason(all, reason)), request.query, shape)
  })
}

/** By id or name. Throws `not.found`. */
export async function policyNamed(compliance: Compliance, key: string): Promise<KeptPolicy> {
  const one = (await compliance.kept()).find(
    ({ id, policy }) => id === key || policy.name.toLowerCase() === key.toLowerCase(),
  )
  if (!one) throw new Failure('not.found', `no compliance policy ${JSON.stringify(key)}`)
  return one
}
