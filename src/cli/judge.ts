import { createReadStream, statSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { type Instant, systemClock } from '../base/clock.ts'
import { asFailure, Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { createLineJudge, type LineJudge } from '../compliance/offline.ts'
import type { CommandEdges } from './cli.ts'
import { readComplianceFolder } from './compliance-folder.ts'
import { linesOf } from './lines.ts'

interface Options {
  readonly policies: string
  readonly devices: string
  readonly now?: Instant
  readonly secureByDefault?: boolean
  readonly checkinThresholdDays: number
}

const help = `
Each line of the devices is one JSON object:
  { "id": "d1", "platform": "iOS", "lastReport": "2026-03-01T08:00:00Z",
    "facts": { "osVersion": "18.1", "passwordRequired": { "value": true, "source": "apple", "trust": "managed" } },
    "owner": { "groups": ["staff"] } }
'postern policy rules --json' lists the facts that settings read. Without the groups of its owner a device is judged by
every policy. "channel" says how it is enrolled: over "eas" or "report" nobody forces settings on it, so that those of the
class remediated count too. "configuration" holds settings that configuration sets. "before" takes what was printed for
the device the last time, so that grace goes on from there.

Policies are Graph's JSON (UTF-8 or UTF-16) or our own YAML or JSON documents; one of Graph's without assignments is for
all. Each verdict is one line of JSON. Remarks about policies, and lines that cannot be read, go to standard error.

Exit codes: 0 every line was judged, 1 a policy or a line cannot be read, 2 usage.`

/** `judge`: policies held against devices, without a server. */
export function judgeCommand(program: Command, edges: CommandEdges): void {
  program
    .command('judge')
    .description('judge devices by a folder of compliance policies, without a server')
    .requiredOption('--policies <path>', 'folder or file of compliance policies')
    .requiredOption('--devices <file>', 'devices, one JSON object a line; - for standard input')
    .option('--now <instant>', 'judge as of this moment (ISO 8601)', readInstant)
    .option('--secure-by-default', 'a device without a policy is noncompliant')
    .option(
      '--checkin-threshold-days <days>',
      'days of silence after which a device is noncompliant, 1 to 120',
      readDays,
      30,
    )
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const { policies, remarks } = readComplianceFolder(options.policies)
      for (const remark of remarks) edges.complain(remark)
      const site = {
        secureByDefault: options.secureByDefault ?? false,
        checkinThresholdDays: options.checkinThresholdDays,
        errorHoldMs: limits.complianceErrorHoldMs.value,
      }
      const judge = createLineJudge(policies, site, options.now ?? systemClock.now())
      if (!(await judgeAll(options.devices, judge, edges))) edges.end(1)
    })
}

/** Prints a verdict per line; resolves to whether every line could be read. */
async function judgeAll(file: string, judge: LineJudge, edges: CommandEdges): Promise<boolean> {
  if (file !== '-' && !statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new Failure('not.found', `${file} is no file`)
  const input = file === '-' ? process.stdin : createReadStream(file)
  let whole = true
  let waiting = ''
  try {
    for await (const { number, text } of linesOf(input, limits.judgeLineChars.value)) {
      const verdict = attempt(() => judge(text, number))
      if (verdict instanceof Failure) {
        whole = false
        edges.complain(verdict.message)
        continue
      }
      waiting += `${JSON.stringify(verdict)}\n`
      if (waiting.length < outputChars) continue
      // Whoever reads sets the pace, so that no number of devices fills the memory.
      await edges.write(waiting)
      waiting = ''
    }
  } finally {
    await edges.write(waiting)
  }
  return whole
}

/** Written at once: a pipe takes 64 KiB. */
const outputChars = 65_536

function attempt<T>(work: () => T): T | Failure {
  try {
    return work()
  } catch (thrown) {
    const failure = asFailure(thrown)
    if (failure.code === 'internal') throw thrown
    return failure
  }
}

/** A moment as an option gives it. */
export function readInstant(text: string): Instant {
  const moment = Date.parse(text)
  if (Number.isNaN(moment))
    throw new InvalidArgumentError('is no moment, like 2026-03-01T08:00:00Z')
  return moment
}

function readDays(text: string): number {
  const days = Number(text)
  if (!Number.isInteger(days) || days < 1 || days > limits.checkinThresholdDays.value)
    throw new InvalidArgumentError(`is no number from 1 to ${limits.checkinThresholdDays.value}`)
  return days
}
