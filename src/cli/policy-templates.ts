import type { Command } from 'commander'
import { stringify } from 'yaml'
import { produce, templateNamed, templates } from '../access/templates.ts'
import { Failure } from '../base/failures.ts'
import type { CommandEdges } from './cli.ts'
import { type ChangeFlags, headersOf, printConsequence, withChangeFlags } from './policy-change.ts'
import { table } from './print.ts'

/** `policy template …`. */
export function templateCommands(policy: Command, edges: CommandEdges): void {
  const template = policy
    .command('template')
    .description('policies made from a few settings: the two classic pages, and common beginnings')
  template
    .command('list')
    .description('every template; needs no server')
    .action(() => {
      const rows = templates.map(({ name, title, description }) => ({ name, title, description }))
      if (edges.printJson(rows)) return
      edges.print(
        table(
          ['name', 'title'],
          rows.map(({ name, title }) => [name, title]),
        ),
      )
    })
  template
    .command('show <name>')
    .description('its settings, and what it makes of these; needs no server')
    .option('--set <key=value...>', 'a setting')
    .action((name: string, { set }: { set?: string[] }) => {
      const found = templateNamed(name)
      const produced = produce(found, readSettings(set))
      if (edges.printJson({ settings: found.settings, ...produced })) return
      edges.print(`${found.title}\n${found.description}\n`)
      edges.print(
        table(
          ['setting', 'default', 'says'],
          Object.entries(found.settings).map(([key, one]) => [
            key,
            one.default,
            typeof one.kind === 'string' ? one.about : `${one.about}: ${one.kind.join(', ')}`,
          ]),
        ),
      )
      edges.print(`\n${stringify(produced).trimEnd()}`)
    })
  withChangeFlags(
    template
      .command('apply <name>')
      .description('make the policies on the server, in place of those it made before')
      .option('--set <key=value...>', 'a setting; state=enabled puts them in force'),
  ).action((name: string, { set, ...flags }: ChangeFlags & { readonly set?: string[] }) =>
    edges.withServer(async (server) => {
      const body = { settings: readSettings(set) }
      const path = `/postern/policyTemplates/${encodeURIComponent(name)}`
      if (flags.dryRun)
        return printConsequence(await server.call('POST', `${path}/try`, body), edges)
      const made = await server.call<Made>('POST', path, body, headersOf(flags))
      if (edges.printJson(made)) return
      edges.print(
        table(
          ['policy', 'state'],
          made.policies.map(({ displayName, state }) => [displayName, state]),
        ),
      )
    }),
  )
}

interface Made {
  readonly policies: readonly { readonly displayName: string; readonly state: string }[]
}

function readSettings(set: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    set.map((one) => {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(one) ?? []
      if (key === undefined || value === undefined)
        throw new Failure('request.malformed', `${JSON.stringify(one)} is not like key=value`)
      return [key, value]
    }),
  )
}
