import { Failure } from '../base/failures.ts'
import { newId } from '../base/id.ts'
import { limits } from '../base/limits.ts'
import { hashToken } from '../base/secret.ts'
import type { Device } from '../devices/devices.ts'
import type { User } from '../directory/directory.ts'
import { changesBetween, type Thing } from '../history/difference.ts'
import type { Database } from '../store/store.ts'
import type { ActionsGiven } from './actions.ts'
import { composeLetter, type Letter } from './letter.ts'
import {
  deleteTemplate,
  readBrand,
  readTemplates,
  saveBrand,
  saveTemplate,
} from './template-records.ts'
import { type Brand, builtIn, noBrand, type Template, templateFault } from './template.ts'

/** A message as it would be sent. */
export interface Preview {
  readonly locale: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Message templates, and who writes. */
export interface Templates {
  list(): Promise<readonly Template[]>
  /** By id or name; the built-in one where none is named. `undefined` where there is none. */
  named(idOrName: string | undefined): Promise<Template | undefined>
  /** Keeps what `next` makes of all of them, all or nothing. Throws `template.invalid`, `name.taken`, `limit.exceeded`. */
  change(next: (before: readonly Template[]) => readonly Template[], actor: string): Promise<void>
  brand(): Promise<Brand>
  changeBrand(change: Partial<Brand>, actor: string): Promise<Brand>
  /**
   * As it would be sent to the owner of this device, or to a made-up one. Throws `template.invalid` where it has no
   * message.
   */
  preview(
    template: Template,
    about?: { readonly user?: User; readonly device?: Device; readonly locale?: string },
  ): Promise<Preview>
  /** Queues the preview to an address. */
  sendTest(template: Template, to: User): Promise<void>
}

type Given = Pick<
  ActionsGiven,
  'store' | 'history' | 'clock' | 'compliance' | 'wording' | 'layOut' | 'post' | 'portalUrl'
>

/** Templates in the store. */
export function createTemplates(given: Given): Templates {
  const { store, history, clock } = given
  const brand = () => brandOf(store.db)

  async function compose(
    template: Template,
    about: Parameters<Templates['preview']>[1],
  ): Promise<Letter> {
    const matter = await matterOf(given, about)
    const letter = composeLetter(
      template,
      { matter, brand: await brand(), portalUrl: given.portalUrl() },
      given.wording,
      about?.locale ?? matter.user.preferredLanguage,
    )
    if (!letter)
      throw new Failure(
        'template.invalid',
        `${template.displayName} has no message in its default locale`,
      )
    return letter
  }

  return {
    list: () => readTemplates(store.db),
    async named(idOrName) {
      if (idOrName === undefined || idOrName === builtIn.id) return builtIn
      const wanted = idOrName.toLowerCase()
      const templates = await readTemplates(store.db)
      return (
        templates.find(({ id }) => id.toLowerCase() === wanted) ??
        templates.find(({ displayName }) => displayName.toLowerCase() === wanted)
      )
    },
    async change(next, actor) {
      await store.transact(async (tx) => {
        const before = await readTemplates(tx)
        const after = next(before)
        check(after)
        for (const { id } of before)
          if (!after.some((template) => template.id === id)) await deleteTemplate(tx, id)
        for (const template of after)
          if (!before.includes(template)) await saveTemplate(tx, template)
        const changes = changesBetween('notificationTemplate', before, after, thingOf)
        await history.append(tx, actor, changes)
      })
    },
    brand,
    async changeBrand(change, actor) {
      return await store.transact(async (tx) => {
        const before = await brandOf(tx)
        const after = { ...before, ...change }
        await saveBrand(tx, after)
        await history.append(tx, actor, changesBetween('brand', [before], [after], brandThing))
        return after
      })
    },
    async preview(template, about) {
      const letter = await compose(template, about)
      return { locale: letter.locale, subject: letter.subject, ...given.layOut(letter) }
    },
    async sendTest(template, user) {
      if (!user.mail) throw new Failure('request.malformed', `${user.name} has no mail address`)
      const letter = await compose(template, { user })
      const about = newId('tst', clock.now())
      await store.transact((tx) => given.post(tx, { ...letter, to: user.mail, about }))
    },
  }
}

function thingOf({ id, modifiedAt: _modified, messages, ...says }: Template): Thing {
  const spoken = messages.map(({ id: _id, modifiedAt: _modified, ...message }) => message)
  return { id, name: says.displayName, value: { ...says, messages: spoken } }
}

/** A picture is told by its digest. */
function brandThing({ logo, ...says }: Brand): Thing {
  const told = logo && { type: logo.type, sha256: hashToken(logo.value) }
  return { id: 'brand', name: '', value: { ...says, ...(told && { logo: told }) } }
}

async function brandOf(db: Database): Promise<Brand> {
  return { ...noBrand, ...(await readBrand(db)) }
}

function check(templates: readonly Template[]): void {
  if (templates.length > limits.messageTemplates.value)
    throw new Failure(
      'limit.exceeded',
      `more than ${limits.messageTemplates.value} message templates`,
    )
  const names = new Set<string>()
  for (const template of templates) {
    const name = template.displayName.toLowerCase()
    if (names.has(name) || name === builtIn.displayName.toLowerCase())
      throw new Failure('name.taken', `two message templates are called ${template.displayName}`)
    names.add(name)
    const fault = templateFault(template)
    if (fault) throw new Failure('template.invalid', `${template.displayName}: ${fault}`)
  }
}

/** Of the device as it stands, or of one that shows what a message may say. */
async function matterOf(
  { clock, compliance }: Given,
  about: Parameters<Templates['preview']>[1],
): Promise<Parameters<typeof composeLetter>[1]['matter']> {
  const now = clock.now()
  const device = about?.device ?? sampleDevice
  const user = about?.user ?? sampleUser
  const verdict = about?.device && (await compliance.verdict(about.device.id))
  const failing = verdict?.policies.find(({ findings }) => findings.length > 0)
  return {
    user,
    device,
    policyName: failing?.policy ?? 'Example policy',
    findings: failing?.findings ?? (about?.device ? [] : sampleFindings),
    since: verdict?.failingSince ?? now,
    blockedFrom: verdict?.graceUntil ?? now,
  }
}

const sampleUser: User = {
  id: 'usr_example',
  name: 'ada',
  displayName: 'Ada Example',
  mail: 'ada@example.org',
  enabled: true,
  role: 'user',
}

const sampleDevice: Device = {
  id: 'dev_example',
  owner: sampleUser.id,
  ownership: 'personal',
  name: 'Ada’s phone',
  channel: 'portal',
  registration: 'registered',
  enrolledAt: 0,
  facts: {
    platform: { value: 'iOS', trust: 'managed', source: 'example', at: 0 },
    osVersion: { value: '16.1', trust: 'managed', source: 'example', at: 0 },
    model: { value: 'iPhone15C4', trust: 'managed', source: 'example', at: 0 },
  },
}

const sampleFindings = [
  { rule: 'osMinimumVersion', policy: 'Example policy', measured: '16.1', required: '17.0' },
]
