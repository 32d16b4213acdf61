import type { Person } from '../../src/demo/person.ts'
import { csrfHeader, type SessionBody } from '../../src/graph/contract.ts'
import { EasClient } from '../../src/phone/phone.ts'
import { webTransport } from '../../src/phone/transport.ts'
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

/** An iPhone with this account at a server. */
export function phoneAt(
  site: Site,
  account: { readonly user: string; readonly password: string; readonly deviceId: string },
): EasClient {
  return phoneAnywhere(async () => site, account)
}

/** The same at whichever server is up. */
export function phoneAnywhere(
  anywhere: () => Promise<Site>,
  account: { readonly user: string; readonly password: string; readonly deviceId: string },
): EasClient {
  const { user, password, deviceId } = account
  return new EasClient({
    version: '14.1',
    deviceType: 'iPhone',
    userAgent: 'Apple-iPhone15C4/2201.100',
    user,
    deviceId,
    async transport(...asked) {
      const { url, authority } = await anywhere()
      const eas = `${url}/Microsoft-Server-ActiveSync`
      return await webTransport({ url: eas, user, password, ca: authority })(...asked)
    },
  })
}
