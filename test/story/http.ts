import { request as httpsRequest } from 'node:https'

/** A request as it goes over the wire. */
export interface HttpAsk {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Address of this machine to come from, for example 127.0.0.2. */
  readonly from?: string
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** Sends any request; also one that no client of ours would send. */
export function send(
  { url, authority }: { readonly url: string; readonly authority: string },
  { method, path, headers = {}, body = '', from }: HttpAsk,
): Promise<HttpAnswer> {
  const bytes = Buffer.from(body)
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      `${url}${path}`,
      {
        method,
        agent: false,
        ca: authority,
        headers: { 'content-length': String(bytes.length), ...headers },
        ...(from !== undefined && { localAddress: from }),
      },
      (response) => {
        const pieces: Buffer[] = []
        response.on('data', (piece: Buffer) => pieces.push(piece))
        response.on('error', reject)
        response.on('end', () => {
          const seen = Object.entries(response.headers).map(([name, value]) => [
            name,
            String(value),
          ])
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(seen),
            text: Buffer.concat(pieces).toString(),
          })
        })
      },
    )
    request.on('error', reject)
    request.end(bytes)
  })
}

/** The Authorization header of a name and a password. */
export const basic = (user: string, password: string): { readonly authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
