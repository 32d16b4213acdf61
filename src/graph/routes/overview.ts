import type { FastifyInstance } from 'fastify'
import type { Access } from '../../access/access.ts'
import { type Directory, transitiveGroups } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { base, type DeviceOverview, enforcementBody, type EnforcementPreview } from '../contract.ts'
import { groupNamed } from '../policy-names.ts'
import { overviewOf, previewOf } from '../overview.ts'
import type { Roster } from '../roster.ts'

interface Rooms {
  readonly access: Access
  readonly directory: Directory
  readonly roster: Roster
  readonly callers: Callers
}

/** Counts of devices, and what beginning or ending enforcement would do to them. */
export function overviewRoutes(
  app: FastifyInstance,
  { access, directory, roster, callers }: Rooms,
): void {
  app.get(`${base}/deviceManagement/managedDeviceOverview`, async (request) => {
    await callers.administrator(request)
    return overviewOf(await roster.rows()) satisfies DeviceOverview
  })

  app.post(`${base}/postern/enforcement/preview`, async (request): Promise<EnforcementPreview> => {
    await callers.administrator(request)
    const { state, scope = 'all' } = enforcementBody.parse(request.body)
    const everybody = await directory.everybody()
    const groups = scope === 'all' ? scope : scope.map((name) => groupNamed(everybody.groups, name))
    const groupsOf = transitiveGroups(everybody)
    const named = new Map(everybody.users.map((user) => [user.name, groupsOf.get(user.id)]))
    const { enforcement } = await access.policies()
    return previewOf(await roster.rows(), enforcement, { state, scope: groups }, (user) =>
      named.get(user),
    )
  })
}
