import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { send } from './http.ts'
import { openSite } from './site.ts'

// This also holds src/graph/routes/signals.ts.

const configuration = z.object({
  issuer: z.url(),
  spec_version: z.literal('1_0'),
  jwks_uri: z.url(),
})
const keySet = z.object({
  keys: z.tuple([
    z.strictObject({
      kty: z.literal('RSA'),
      kid: z.string(),
      alg: z.literal('RS256'),
      use: z.literal('sig'),
      n: z.string(),
      e: z.string(),
    }),
  ]),
})

test('a receiver of security events finds the transmitter and its key, and where there is none a plain 404', async (t) => {
  const path = '/.well-known/ssf-configuration'
  const told = await openSite(t, {
    signals: { url: 'http://127.0.0.1:9/events', audience: 'https://sso.example.org' },
  })
  const found = await send(told.house, { method: 'GET', path })
  const { issuer, jwks_uri: keys } = configuration.parse(JSON.parse(found.text))
  assert.ok(keys.startsWith(issuer))
  const answer = await send(told.house, { method: 'GET', path: new URL(keys).pathname })
  // Of the private key nothing is told: the shape is strict.
  assert.equal(
    Buffer.from(keySet.parse(JSON.parse(answer.text)).keys[0].n, 'base64url').length,
    256,
  )
  const silent = await openSite(t)
  for (const asked of [path, new URL(keys).pathname])
    assert.equal((await send(silent.house, { method: 'GET', path: asked })).status, 404)
})
