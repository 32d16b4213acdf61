import { createReadStream, statSync } from 'node:fs'
import type { Command } from 'commander'
import { type Instant, systemClock } from '../base/clock.ts'
import { asFailure, Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { createEvaluator, type Evaluator } from '../conditional/conditional.ts'
import type { Decision, PolicyExplanation } from '../conditional/evaluate.ts'
import { type Identities, readWhatIfRequest } from '../conditional/what-if-request.ts'
import { readWhole } from './analyse.ts'
import type { CommandEdges } from './cli.ts'
import { type DirectoryFile, readDirectoryFile } from './directory-file.ts'
import { readInstant } from './judge.ts'
import { linesOf } from './lines.ts'
import { table } from './print.ts'

interface Options {
  readonly policies: string
  readonly directory: string
  readonly requests: string
  readonly now?: Instant
}

/** What would become of one request. */
export interface ForeseenRequest {
  /** Line of the file, from 1. */
  readonly line: number
  /** As the request calls itself, where it does. */
  readonly id?: string
  readonly outcome: Decision['outcome']
  readonly errorCode?: number
  readonly required: readonly string[]
  readonly sessionControls: readonly string[]
  readonly policies: readonly ForeseenPolicy[]
  /** What the request says should come out; exit code 3 where it does not. */
  readonly expected?: string
}

interface ForeseenPolicy {
  readonly id: string
  readonly displayName: string
  readonly state: string
  readonly policyApplies: boolean
  /** Graph's `whatIfAnalysisReasons`: why it does not apply. */
  readonly analysisReasons: string
  readonly result: Decision['policies'][number]['result']
  readonly missing: readonly string[]
  readonly conditions: PolicyExplanation['conditions']
  readonly controls: PolicyExplanation['controls']
  /** What of it cannot be evaluated, and so fails closed. */
  readonly unevaluated: readonly string[]
}

const help = `
Each line of the requests is the body of Graph's 'evaluate', keys in any case, and may say more:
  { "id": "phone at home",
    "signInIdentity": { "@odata.type": "#microsoft.graph.userSignIn", "userId": "ada@example.org" },
    "signInContext": { "includeApplications": ["00000002-0000-0ff1-ce00-000000000000"] },
    "signInConditions": { "clientAppType": "exchangeActiveSync", "devicePlatform": "iOS", "ipAddress": "203.0.113.7" },
    "satisfied": ["mfa", "compliantDevice"], "expected": "grant" }
"satisfied" lists controls that the user has fulfilled and methods that they used; "authenticatedDateTime" when they last
proved who they are (else at this moment); "expected" what should come out: grant, block or interrupt.
"userId" is an id or a userPrincipalName of the directory: { "users": [], "groups": [], "namedLocations": [] } as Graph
lists them, users with "memberOf".

With --json, one JSON object a line. Lines that cannot be read go to standard error.
Exit codes: 0 every request was evaluated, 3 some came out otherwise than expected, 1 a file or a line cannot be read,
2 usage.`

/** `what-if`: sign-ins that are only thought of, held against a folder of policies, without a server. */
export function whatIfCommand(program: Command, edges: CommandEdges): void {
  program
    .command('what-if')
    .description('what would become of sign-ins by a folder of policies, without a server')
    .requiredOption('--policies <folder>', 'conditional access policies in Graph’s JSON')
    .requiredOption('--directory <file>', 'users, groups and named locations in Graph’s JSON')
    .requiredOption('--requests <file>', 'sign-ins, one JSON object a line; - for standard input')
    .option('--now <instant>', 'as of this moment (ISO 8601)', readInstant)
    .addHelpText('after', help)
    .action(async ({ policies, directory, requests, now }: Options) => {
      const { set } = readWhole(policies)
      const file = readDirectoryFile(directory)
      const evaluator = createEvaluator({
        ...set,
        namedLocations: [...(set.namedLocations ?? []), ...file.namedLocations],
      })
      const foresee = createForesight(evaluator, identitiesOf(file), now ?? systemClock.now())
      edges.end(await foreseeAll(requests, foresee, edges))
    })
}

type Foresee = (text: string, line: number) => ForeseenRequest

function createForesight(evaluator: Evaluator, identities: Identities, now: Instant): Foresee {
  return (text, line) => {
    const json = parse(text)
    const { signIn } = readWhatIfRequest(json, identities)
    const fresh = { ...signIn, authenticatedAt: signIn.authenticatedAt ?? now }
    const decision = evaluator.decide(fresh, now)
    const explained = evaluator.explain(fresh)
    const { id, expected } = labelsOf(json)
    return {
      line,
      ...(id !== undefined && { id }),
      outcome: decision.outcome,
      ...(decision.errorCode !== undefined && { errorCode: decision.errorCode }),
      required: decision.required,
      sessionControls: decision.sessionControls,
      policies: evaluator
        .whatIf(fresh)
        .map(({ policy, policyApplies, analysisReasons }, place) => ({
          id: policy.id,
          displayName: policy.displayName,
          state: policy.state,
          policyApplies,
          analysisReasons,
          result: decision.policies[place]?.result ?? 'notApplied',
          missing: decision.policies[place]?.missing ?? [],
          conditions: explained[place]?.conditions ?? [],
          controls: explained[place]?.controls ?? [],
          unevaluated: explained[place]?.unevaluated ?? [],
        })),
      ...(expected !== undefined && { expected }),
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Failure('request.malformed', 'no JSON', { cause })
  }
}

const outcomes: readonly string[] = ['grant', 'block', 'interrupt'] satisfies Decision['outcome'][]

function labelsOf(json: unknown): { id?: string; expected?: string } {
  if (typeof json !== 'object' || json === null) return {}
  const { id, expected } = json as { id?: unknown; expected?: unknown } // read as unknown only
  if (expected !== undefined && !outcomes.some((outcome) => outcome === expected))
    throw new Failure('request.malformed', `expected: none of ${outcomes.join(', ')}`)
  return {
    ...(typeof id === 'string' && { id }),
    ...(typeof expected === 'string' && { expected }),
  }
}

/** Users by id and by sign-in name, in any case. */
function identitiesOf({ users }: DirectoryFile): Identities {
  const byName = new Map(users.map(({ name, identity }) => [name.toLowerCase(), identity]))
  const byId = new Map(users.map(({ identity }) => [identity.id.toLowerCase(), identity]))
  return {
    user: (name) => byId.get(name.toLowerCase()) ?? byName.get(name.toLowerCase()),
    // Their ids are all that policies know of them.
    servicePrincipal: (id) => ({
      kind: 'servicePrincipal',
      id,
      groups: new Set(),
      roles: new Set(),
    }),
  }
}

/** Resolves to the exit code. */
async function foreseeAll(file: string, foresee: Foresee, edges: CommandEdges): Promise<number> {
  if (file !== '-' && !statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new Failure('not.found', `${file} is no file`)
  const input = file === '-' ? process.stdin : createReadStream(file)
  let unread = 0
  let surprises = 0
  for await (const { number, text } of linesOf(input, limits.judgeLineChars.value)) {
    try {
      const foreseen = foresee(text, number)
      if (foreseen.expected !== undefined && foreseen.expected !== foreseen.outcome) surprises += 1
      // Whoever reads sets the pace.
      await edges.write(edges.json ? `${JSON.stringify(foreseen)}\n` : wordsFor(foreseen))
    } catch (thrown) {
      const failure = asFailure(thrown)
      if (failure.code === 'internal') throw thrown
      edges.complain(`line ${number}: ${failure.message}`)
      unread += 1
    }
  }
  return unread > 0 ? 1 : surprises > 0 ? 3 : 0
}

function wordsFor({ line, id, outcome, required, policies, expected }: ForeseenRequest): string {
  const surprise =
    expected !== undefined && expected !== outcome ? `, though ${expected} was expected` : ''
  const needs = required.length > 0 ? ` (required: ${required.join(', ')})` : ''
  const rows = policies.map((policy) => [
    `  ${policy.displayName}`,
    policy.result,
    policy.policyApplies ? policy.missing.join(', ') : policy.analysisReasons,
  ])
  return `${id ?? `line ${line}`}: ${outcome}${needs}${surprise}\n${table(['  policy', 'result', 'missing, or why not'], rows)}\n\n`
}
