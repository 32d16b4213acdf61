import type { Person } from '../../src/demo/person.ts'
import { csrfHeader, type SessionBody } from '../../src/graph/contract.ts'
import { type HttpAnswer, send } from './http.ts'

interface Site {
  readonly url: string
  readonly authority: string
}

/** A person whose session outlives servers: each call goes to whichever is up. */
export async function signInAt(
  anywhere: () => Promise<Site>,
  name: string,
  password: string,
): Promise<Person> {
  const call = async (
    method: string,
    path: string,
    body: object | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<HttpAnswer> => {
    const answer = await send(await anywhere(), {
      method,
      path: `/v1.0${path}`,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return answer
  }
  const { headers, text } = await call('POST', '/session', { name, password }, {})
  const cookie = (headers['set-cookie'] ?? '').split(';')[0] ?? ''
  const { csrf } = JSON.parse(text) as SessionBody // the contract says so
  return {
    async call<T>(method: string, path: string, body?: object) {
      const answer = await call(method, path, body, { cookie, [csrfHeader]: csrf })
      return (answer.text === '' ? undefined : JSON.parse(answer.text)) as T // as the contract says per path
    },
    close: async () => {},
  }
}
