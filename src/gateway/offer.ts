import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { EasAnswer } from '../mailbox/mailbox.ts'
import { commandsOf } from '../wire/eas/commands.ts'
import { type EasVersion, versionsUpTo } from '../wire/eas/version.ts'
import type { Caller } from './credentials.ts'
import { ask, type HeaderValues, type Upstream } from './upstream.ts'

/** What OPTIONS tells (MS-ASHTTP 2.2.3): it grants nothing and starts no partnership. */
export interface Offer {
  /** Throws `upstream.unavailable` when the mail server was never heard. */
  answer(caller: Caller): Promise<EasAnswer>
}

interface Lists {
  readonly versions: readonly string[]
  readonly commands: readonly string[]
}

/** Offers what we speak, cut down to what the upstream speaks: a version that it does not know would confuse it later. */
export function createOffer(parts: {
  upstream: Upstream | undefined
  newest: EasVersion
  clock: Clock
}): Offer {
  const { upstream, newest, clock } = parts
  const own: Lists = { versions: versionsUpTo(newest), commands: commandsOf(newest) }
  let heard: { lists: Lists; until: number } | undefined
  let asking: Promise<Lists | EasAnswer> | undefined
  const lists = async (caller: Caller): Promise<Lists | EasAnswer> => {
    if (!upstream) return own
    if (heard && heard.until > clock.now()) return heard.lists
    asking ??= askUpstream(upstream, own, caller).finally(() => {
      asking = undefined
    })
    try {
      const found = await asking
      if ('versions' in found) heard = { lists: found, until: clock.now() + limits.offerMs.value }
      return found
    } catch (thrown) {
      // What it spoke an hour ago it will speak again; phones ask at the worst moments.
      if (heard) return heard.lists
      throw thrown
    }
  }
  return {
    async answer(caller) {
      const found = await lists(caller)
      if (!('versions' in found)) return found
      return {
        status: 200,
        headers: {
          'ms-server-activesync': found.versions.at(-1) ?? newest,
          'ms-asprotocolversions': found.versions.join(','),
          'ms-asprotocolcommands': found.commands.join(','),
          'cache-control': 'private',
          allow: 'OPTIONS,POST',
          public: 'OPTIONS,POST',
        },
      }
    },
  }
}

async function askUpstream(
  upstream: Upstream,
  own: Lists,
  caller: Caller,
): Promise<Lists | EasAnswer> {
  const answer = await ask(upstream, {
    method: 'OPTIONS',
    query: '',
    headers: {},
    user: caller.user.name,
    authorization: caller.authorization,
    repeatable: true,
    answerWithinMs: limits.upstreamAnswerMs.value,
  })
  // The upstream knows this password no longer: the client is to ask for it again.
  if (answer.status === 401)
    return {
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="Postern", charset="UTF-8"' },
    }
  const theirs = listOf(answer.headers, 'ms-asprotocolversions')
  const versions = own.versions.filter((version) => theirs.includes(version))
  if (answer.status !== 200 || versions.length === 0)
    throw new Failure(
      'upstream.unavailable',
      `OPTIONS was answered ${answer.status} without EAS versions`,
    )
  const commands = new Set(listOf(answer.headers, 'ms-asprotocolcommands'))
  // Provision is ours, whether the upstream has it or not.
  return { versions, commands: [...commands.add('Provision')] }
}

function listOf(headers: HeaderValues, name: string): readonly string[] {
  const text = String(headers[name] ?? '')
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => /^[\w.]+$/.test(item))
}
