import { base, csrfHeader, type SessionBody } from '../graph/contract.ts'

/** A person with a browser: signs in, keeps the cookie, and calls what the pages call. */
export interface Person {
  call<T>(method: string, path: string, body?: object): Promise<T>
  close(): Promise<void>
}

/** Signs in over HTTPS. Certificates are checked against `authority` only. */
export async function signIn(given: {
  url: string
  authority: string
  name: string
  password: string
}): Promise<Person> {
  const { url, authority, name, password } = given
  const { Agent, fetch } = await import('undici')
  const dispatcher = new Agent({ connect: { ca: authority } })
  const ask = async (
    method: string,
    path: string,
    body: object | undefined,
    headers: Record<string, string>,
  ) => {
    const response = await fetch(new URL(base + path, url), {
      method,
      dispatcher,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response
  }
  const answer = await ask('POST', '/session', { name, password }, {})
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const { csrf } = (await answer.json()) as SessionBody // the contract says so
  return {
    async call<T>(method: string, path: string, body?: object) {
      const response = await ask(method, path, body, { cookie, [csrfHeader]: csrf })
      return (response.status === 204 ? undefined : await response.json()) as T // as the contract says per path
    },
    close: () => dispatcher.close(),
  }
}
