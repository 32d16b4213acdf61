import type { FastifyInstance } from 'fastify'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import { isId } from '../../base/id.ts'
import type { Enrollment } from '../../enrollment/enrollment.ts'
import type { Callers } from '../caller.ts'
import { base, certificateBody } from '../contract.ts'

interface Rooms {
  readonly enrollment: Enrollment
  readonly callers: Callers
}

/** Device certificates and the reports that devices sign with them. */
export function enrollmentRoutes(app: FastifyInstance, { enrollment, callers }: Rooms): void {
  app.get(`${base}/enrollment/authority.pem`, (_request, reply) =>
    reply.type('application/x-pem-file').send(enrollment.authorityPem),
  )

  app.post(`${base}/enrollment/certificates`, async (request, reply) => {
    const { user } = await callers.person(request)
    const { csrPem, name, deviceId } = certificateBody.parse(request.body)
    if (deviceId !== undefined && !isId('dev', deviceId))
      throw new Failure('request.malformed', 'deviceId is not the id of a device')
    const { device, certificatePem } = await enrollment.certify({
      csrPem,
      owner: user.id,
      name,
      ...(deviceId !== undefined && { device: deviceId }),
    })
    return reply.code(201).send({ deviceId: device, certificatePem })
  })

  // No sign-in: the signature inside is the proof.
  app.post(
    `${base}/enrollment/reports`,
    { bodyLimit: limits.reportBytes.value },
    async (request, reply) => {
      if (typeof request.body !== 'string')
        throw new Failure(
          'request.malformed',
          'a report is a compact JWS, content type application/jose',
        )
      await enrollment.ingest(request.body)
      return reply.code(204).send()
    },
  )
}
