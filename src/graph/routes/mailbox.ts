import type { FastifyInstance } from 'fastify'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import type { Directory, UserId } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { base } from '../contract.ts'

interface Rooms {
  readonly directory: Directory
  readonly callers: Callers
  /** Built-in mailbox; `undefined` where an upstream serves mail. */
  readonly deliver: ((user: UserId, message: Uint8Array) => Promise<void>) | undefined
}

/** Puts a message into a built-in mailbox. */
export function mailboxRoutes(app: FastifyInstance, { directory, callers, deliver }: Rooms): void {
  app.post<{ Params: { user: string } }>(
    `${base}/postern/mailboxes/:user/messages`,
    { bodyLimit: limits.easMessageBytes.value },
    async (request, reply) => {
      await callers.administrator(request)
      if (!deliver)
        throw new Failure(
          'not.found',
          'mail is served by the upstream: there is no built-in mailbox',
        )
      if (!Buffer.isBuffer(request.body) || request.body.length === 0)
        throw new Failure('request.malformed', 'send the message as message/rfc822')
      const user = await directory.find(request.params.user)
      if (!user) throw new Failure('not.found', `no user ${JSON.stringify(request.params.user)}`)
      await deliver(user.id, request.body)
      return reply.code(201).send({ delivered: user.mail })
    },
  )
}
