import type { Command } from 'commander'
import { stringify } from 'yaml'
import { tokenTable } from '../actions/tokens.ts'
import { Failure } from '../base/failures.ts'
import type { PreviewBody, TemplateBody } from '../graph/actions-contract.ts'
import type { Collection } from '../graph/contract.ts'
import { templateBody } from '../graph/actions-contract.ts'
import type { CommandEdges } from './cli.ts'
import type { Connection } from './connection.ts'
import { readPolicyFolder } from './policy-files.ts'
import { table } from './print.ts'

const path = '/deviceManagement/notificationMessageTemplates'

/** `template …`: what people are told about devices that do not meet a policy. */
export function templateCommands(program: Command, edges: CommandEdges): void {
  const template = program
    .command('template')
    .description('notification message templates, in Graph’s JSON')
  template
    .command('list')
    .description('every template; --json prints what `apply` takes back')
    .action(() => edges.withServer((server) => list(server, edges)))
  template
    .command('show <template>')
    .description('one template by id or name, its messages included')
    .action((key: string) =>
      edges.withServer(async (server) => {
        const found = await server.call<TemplateBody>('GET', at(key))
        if (!edges.printJson(found)) edges.print(stringify(found).trimEnd())
      }),
    )
  template
    .command('preview <template>')
    .description(
      'subject and text as they would be sent; `built-in` is the message without a template',
    )
    .option('--device <device>', 'about this device (id); default: a made-up one')
    .option('--locale <locale>', 'for a reader of this locale')
    .option('--send-to <user>', 'queue it as a test message to this user')
    .action((key: string, options: { device?: string; locale?: string; sendTo?: string }) =>
      edges.withServer((server) => preview(server, edges, key, options)),
    )
  template
    .command('apply <path>')
    .description(
      'apply a file or folder of JSON or YAML: each template takes the place of its id or namesake',
    )
    .action((folder: string) => edges.withServer((server) => apply(server, edges, folder)))
  template
    .command('delete <template>')
    .description('an action that names it then fails, and says so')
    .action((key: string) => edges.withServer((server) => server.call('DELETE', at(key))))
  template
    .command('tokens')
    .description('what may stand in a message; needs no server')
    .action(() => {
      if (edges.printJson(tokenTable)) return
      const rows = Object.entries(tokenTable).map(([name, says]) => [`{{${name}}}`, says])
      edges.print(table(['token', 'stands for'], rows))
    })
}

const at = (key: string): string => `${path}/${encodeURIComponent(key)}`

async function list(server: Connection, edges: CommandEdges): Promise<void> {
  const { value } = await server.call<Collection<TemplateBody>>('GET', `${path}?$top=10000`)
  if (edges.printJson(value)) return
  edges.print(
    table(
      ['name', 'default', 'locales', 'branding', 'id'],
      value.map((one) => [
        one.displayName,
        one.defaultLocale,
        one.localizedNotificationMessages.map(({ locale }) => locale).join(', '),
        one.brandingOptions,
        one.id,
      ]),
    ),
  )
}

async function preview(
  server: Connection,
  edges: CommandEdges,
  key: string,
  { device, locale, sendTo }: { device?: string; locale?: string; sendTo?: string },
): Promise<void> {
  const about = { ...(device && { device }), ...(locale && { locale }) }
  const seen = await server.call<PreviewBody>('POST', `${at(key)}/preview`, about)
  if (sendTo) await server.call('POST', `${at(key)}/sendTestMessage`, { user: sendTo })
  if (!edges.printJson(seen))
    edges.print(`${seen.subject}  (${seen.locale})\n\n${seen.text}`.trimEnd())
}

/** All or nothing, by one call. */
async function apply(server: Connection, edges: CommandEdges, folder: string): Promise<void> {
  const { documents, faults } = readPolicyFolder(folder, 'yaml')
  const [fault] = faults
  if (fault) throw new Failure('template.invalid', `${fault.file}: ${fault.what}`)
  const templates = documents.map(({ file, value }) => {
    const read = templateBody.safeParse(value)
    if (read.success) return read.data
    const [issue] = read.error.issues
    throw new Failure('template.invalid', `${file}: ${issue?.path.join('.')}: ${issue?.message}`)
  })
  await server.call('PUT', path, { value: templates })
  if (!edges.printJson(templates)) edges.print(`applied ${templates.length} templates`)
}
