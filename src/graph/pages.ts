import type { FastifyInstance } from 'fastify'
import fastifyStatic from '@fastify/static'

/** Everything from ourselves, nothing inline, no frames: a stolen script tag finds no foothold. */
const contentSecurityPolicy =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"

/** Serves the two browser apps from `folder` as built by Vite. */
export async function pages(app: FastifyInstance, folder: string): Promise<void> {
  app.addHook('onSend', async (_request, reply) => {
    reply.header('content-security-policy', contentSecurityPolicy)
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'no-referrer')
    reply.header('strict-transport-security', 'max-age=31536000')
  })
  await app.register(fastifyStatic, {
    root: folder,
    prefix: '/',
    index: ['index.html'],
    redirect: true,
    preCompressed: true,
    setHeaders(reply, path) {
      // Their names change with their content.
      if (path.includes('/assets/'))
        reply.header('cache-control', 'public, max-age=31536000, immutable')
    },
  })
  app.get('/', (_request, reply) => reply.redirect('/portal/'))
}
