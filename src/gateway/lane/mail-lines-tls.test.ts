import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, it } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { makeTls } from '../../../test/fake/tls-key.ts'
import { Failure } from '../../base/failures.ts'
import { Secret } from '../../base/secret.ts'
import { createHttpUpstream } from '../http-upstream.ts'
import { ask } from '../upstream.ts'

// A mail server behind TLS: its certificate is checked on kept lines as node:https checks it.

let certificate = ''
let port = 0
let reached = 0
let connections = 0
const trusted = getCACertificates('default')
let stop: () => void = () => {}

before(async () => {
  const tls = await makeTls('CN=mail')
  certificate = tls.certificatePem
  const server = createServer({ key: tls.keyPem, cert: tls.certificatePem }, (req, res) => {
    reached += 1
    req.resume()
    res.end('ok')
  })
  server.on('secureConnection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // An AddressInfo: the server listens on TCP.
  port = (server.address() as AddressInfo).port
  stop = () => {
    server.close()
    server.closeAllConnections()
  }
})
after(() => {
  setDefaultCACertificates(trusted)
  stop()
})

const asked = async (host: string) => {
  const upstream = createHttpUpstream({ url: `https://${host}:${port}/eas`, keepAlive: true })
  const one = () =>
    ask(upstream, {
      method: 'POST',
      query: 'Cmd=Sync',
      headers: {},
      user: 'alice',
      authorization: new Secret('Basic YTpi'),
      repeatable: true,
      answerWithinMs: 20_000,
    })
  try {
    return [await one(), await one()].map(({ status }) => status)
  } finally {
    await upstream.stop()
  }
}

it('a certificate of nobody that is trusted, or of another host, is refused before anything is sent', async () => {
  const isUnavailable = (thrown: unknown) =>
    thrown instanceof Failure && thrown.code === 'upstream.unavailable'
  await assert.rejects(asked('127.0.0.1'), isUnavailable)
  setDefaultCACertificates([...trusted, certificate])
  // The certificate is for 127.0.0.1.
  await assert.rejects(asked('localhost'), isUnavailable)
  assert.equal(reached, 0)
})

it('a trusted one is asked again and again on one connection', async () => {
  setDefaultCACertificates([...trusted, certificate])
  connections = 0
  assert.deepEqual(await asked('127.0.0.1'), [200, 200])
  assert.equal(connections, 1)
})
