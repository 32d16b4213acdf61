import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import type { Actions } from '../../actions/actions.ts'
import type { Template } from '../../actions/template.ts'
import { Failure } from '../../base/failures.ts'
import { newId } from '../../base/id.ts'
import type { Clock, Instant } from '../../base/clock.ts'
import type { Directory } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { collection } from '../collection.ts'
import {
  brandBody,
  messageChangeBody,
  newMessageBody,
  previewBody,
  templateBody,
  templateChangeBody,
  templateSet,
  testMessageBody,
} from '../actions-contract.ts'
import { base } from '../contract.ts'
import {
  changeTemplate,
  readBrand,
  readMessage,
  readTemplate,
  writeBrand,
  writeMessage,
  writeTemplate,
} from '../template-json.ts'
import type { View } from '../view.ts'

interface Rooms {
  readonly actions: Actions
  readonly callers: Callers
  readonly clock: Clock
  readonly directory: Directory
  readonly view: View
}

type Keyed = { Params: { id: string } }
type KeyedMessage = { Params: { id: string; message: string } }

const path = `${base}/deviceManagement/notificationMessageTemplates`
const brandPath = `${base}/deviceManagement/intuneBrand`

/** Graph's notification message templates with their localised messages, a preview, a test message, and the brand. */
export function templateRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { actions, callers, clock } = rooms
  const { templates } = actions

  app.get(path, async (request) => {
    await callers.administrator(request)
    return collection((await templates.list()).map(writeTemplate), request.query)
  })

  app.get<Keyed>(`${path}/:id`, async (request) => {
    await callers.administrator(request)
    return writeTemplate(await one(rooms, request.params.id))
  })

  app.post(path, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const body = templateBody.parse(request.body)
    const now = clock.now()
    const template = readTemplate(body, { id: body.id ?? newId('nmt', now), now })
    await templates.change((before) => {
      if (before.some(({ id }) => id === template.id))
        throw new Failure('name.taken', `there is a template ${template.id} already`)
      return [...before, template]
    }, actor)
    return reply.code(201).send(writeTemplate(template))
  })

  // Not Graph's: a folder at once, each in the place of its id or namesake, all or nothing.
  app.put(path, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const { value } = templateSet.parse(request.body)
    const now = clock.now()
    await templates.change(
      (before) => value.reduce((all, body) => put(all, body, now), before),
      actor,
    )
    return reply.code(204).send()
  })

  app.patch<Keyed>(`${path}/:id`, async (request) => {
    const { actor } = await callers.administrator(request)
    const body = templateChangeBody.parse(request.body)
    return writeTemplate(
      await change(rooms, { key: request.params.id, actor }, (template) =>
        changeTemplate(template, body, clock.now()),
      ),
    )
  })

  app.delete<Keyed>(`${path}/:id`, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const gone = await kept(rooms, request.params.id)
    await templates.change((before) => before.filter(({ id }) => id !== gone.id), actor)
    return reply.code(204).send()
  })

  app.get(brandPath, async (request) => {
    await callers.administrator(request)
    return writeBrand(await templates.brand())
  })

  app.patch(brandPath, async (request) => {
    const { actor } = await callers.administrator(request)
    return writeBrand(await templates.changeBrand(readBrand(brandBody.parse(request.body)), actor))
  })

  messageRoutes(app, rooms)
  previewRoutes(app, rooms)
}

function messageRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { callers, clock } = rooms
  const messages = `${path}/:id/localizedNotificationMessages`

  app.get<Keyed>(messages, async (request) => {
    await callers.administrator(request)
    const template = await one(rooms, request.params.id)
    return collection(
      template.messages.map((message) => writeMessage(template, message)),
      request.query,
    )
  })

  app.post<Keyed>(messages, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const body = newMessageBody.parse(request.body)
    const now = clock.now()
    const { id } = request.params
    const template = await change(rooms, { key: id, actor }, (before) => {
      const message = readMessage(body, { template: before.id, now })
      if (before.messages.some(({ locale }) => locale === message.locale))
        throw new Failure('name.taken', `there is a message in ${message.locale} already`)
      const defaultLocale = body.isDefault ? message.locale : before.defaultLocale
      return { ...before, defaultLocale, messages: [...before.messages, message], modifiedAt: now }
    })
    const added = template.messages.at(-1)
    return reply.code(201).send(added && writeMessage(template, added))
  })

  app.patch<KeyedMessage>(`${messages}/:message`, async (request) => {
    const { actor } = await callers.administrator(request)
    const body = messageChangeBody.parse(request.body)
    const now = clock.now()
    const { id, message: key } = request.params
    let changedId = ''
    const template = await change(rooms, { key: id, actor }, (before) => {
      const old = messageOf(before, key)
      const message = readMessage(body, { template: before.id, now, before: old })
      changedId = message.id
      return {
        ...before,
        defaultLocale: body.isDefault ? message.locale : before.defaultLocale,
        messages: before.messages.map((other) => (other === old ? message : other)),
        modifiedAt: now,
      }
    })
    return writeMessage(template, messageOf(template, changedId))
  })

  app.delete<KeyedMessage>(`${messages}/:message`, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const { id, message: key } = request.params
    await change(rooms, { key: id, actor }, (before) => {
      const old = messageOf(before, key)
      if (old.locale === before.defaultLocale && before.messages.length > 1)
        throw new Failure(
          'template.invalid',
          'the message in the default locale stays while there are others',
        )
      return { ...before, messages: before.messages.filter((other) => other !== old) }
    })
    return reply.code(204).send()
  })
}

function previewRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { actions, callers, directory, view } = rooms

  app.post<Keyed>(`${path}/:id/preview`, async (request) => {
    await callers.administrator(request)
    const { device: key, locale } = previewBody.parse(request.body ?? {})
    const source = key === undefined ? undefined : await view.one(key)
    if (source && !source.device) throw new Failure('not.found', `${key} is not enrolled`)
    return await actions.templates.preview(await one(rooms, request.params.id), {
      ...(source?.user && { user: source.user }),
      ...(source?.device && { device: source.device }),
      ...(locale !== undefined && { locale }),
    })
  })

  app.post<Keyed>(`${path}/:id/sendTestMessage`, async (request, reply) => {
    const { user: caller } = await callers.administrator(request)
    // Graph's has no body, and goes to whoever is signed in; the command line is nobody, and names somebody.
    const { user: name } = testMessageBody.parse(request.body ?? {})
    const user = name === undefined ? caller : await directory.find(name)
    if (!user) throw new Failure('not.found', 'a test message goes to a user: sign in, or name one')
    await actions.templates.sendTest(await one(rooms, request.params.id), user)
    return reply.code(204).send()
  })
}

function put(
  all: readonly Template[],
  body: z.infer<typeof templateBody>,
  now: Instant,
): readonly Template[] {
  const name = body.displayName.toLowerCase()
  const old =
    all.find(({ id }) => id === body.id) ??
    all.find(({ displayName }) => displayName.toLowerCase() === name)
  const template = readTemplate(body, { id: old?.id ?? body.id ?? newId('nmt', now), now })
  return old ? all.map((other) => (other === old ? template : other)) : [...all, template]
}

/** By id or name, the built-in one too. */
async function one({ actions }: Rooms, key: string): Promise<Template> {
  const template = await actions.templates.named(key)
  if (!template) throw new Failure('not.found', `there is no template ${key}`)
  return template
}

/** One that can be changed. */
async function kept(rooms: Rooms, key: string): Promise<Template> {
  const { id } = await one(rooms, key)
  const template = (await rooms.actions.templates.list()).find((other) => other.id === id)
  if (!template) throw new Failure('permission.denied', 'the built-in message stays as it is')
  return template
}

/** Changes one template within one transaction. */
async function change(
  rooms: Rooms,
  { key, actor }: { key: string; actor: string },
  next: (before: Template) => Template,
): Promise<Template> {
  const { id } = await kept(rooms, key)
  let after: Template | undefined
  await rooms.actions.templates.change(
    (all) =>
      all.map((template) => {
        if (template.id !== id) return template
        after = next(template)
        return after
      }),
    actor,
  )
  if (!after) throw new Failure('not.found', `there is no template ${key}`)
  return after
}

function messageOf({ messages }: Template, key: string) {
  const wanted = key.toLowerCase()
  const message = messages.find(
    ({ id, locale }) => id.toLowerCase() === wanted || locale === wanted,
  )
  if (!message) throw new Failure('not.found', `there is no message ${key}`)
  return message
}
