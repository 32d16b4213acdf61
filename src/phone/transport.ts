import { request as httpsRequest } from 'node:https'
import { request as httpRequest } from 'node:http'

export interface TransportAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** How a pretend client reaches a server. `headers` are lower case; `query` comes without its `?`. */
export type Transport = (
  method: 'OPTIONS' | 'POST' | 'GET',
  query: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
) => Promise<TransportAnswer>

/** Over HTTP or HTTPS to `url` (the EAS endpoint, without query). Certificates are checked against `ca` only. */
export function webTransport(options: {
  url: string
  user: string
  password: string
  ca?: string
  cert?: string
  key?: string
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>>
}): Transport {
  const { url, user, password, ca, cert, key } = options
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  return (method, query, headers, body) =>
    new Promise((resolve, reject) => {
      const request = send(
        query === '' ? url : `${url}?${query}`,
        {
          method,
          headers: {
            authorization,
            ...options.headers,
            ...headers,
            ...(method === 'POST' && { 'content-length': String(body.length) }),
          },
          agent: false,
          ...(ca !== undefined && { ca }),
          ...(cert !== undefined && { cert }),
          ...(key !== undefined && { key }),
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const seen: Record<string, string> = {}
            for (const [name, value] of Object.entries(response.headers))
              seen[name] = Array.isArray(value) ? value.join(', ') : (value ?? '')
            resolve({
              status: response.statusCode ?? 0,
              headers: seen,
              body: Buffer.concat(chunks),
            })
          })
        },
      )
      request.on('error', reject)
      request.end(body)
    })
}
