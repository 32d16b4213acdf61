import { answerTags, type EasCommand } from '../wire/eas/commands.ts'
import { readMultipart } from '../wire/eas/multipart.ts'
import { type EasRequest, writeBase64Query, writePlainQuery } from '../wire/eas/request.ts'
import { atLeast, type EasVersion } from '../wire/eas/version.ts'
import { Provision } from '../wire/wbxml/tokens.ts'
import { type Element, readWbxml, textOf, writeWbxml } from '../wire/wbxml/wbxml.ts'
import { type DeviceAsk, provisionDocument } from './documents.ts'
import type { Transport, TransportAnswer } from './transport.ts'

/** What a server said to one command. */
export interface EasSeen {
  /** HTTP status. */
  readonly http: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** The WBXML document; `undefined` when the body is empty or something else. */
  readonly root: Element | undefined
  /** The Status of the document's root: also a common status such as 142. */
  readonly status: number | undefined
}

export interface Parameters {
  readonly collectionId?: string
  readonly itemId?: string
  readonly attachmentName?: string
  readonly saveInSent?: boolean
  readonly acceptMultiPart?: boolean
  readonly contentType?: string
}

const nothing = new Uint8Array()

/** One client's line to a server: any command in either query form, and provisioning. */
export class EasLine {
  readonly transport: Transport
  readonly version: EasVersion
  readonly form: 'plain' | 'base64'
  readonly deviceId: string
  readonly deviceType: string
  readonly user: string
  readonly userAgent: string
  /** Sent as X-MS-WL, as Outlook's cloud does; `undefined` sends no header. */
  wlHeader: string | undefined
  /** Sent as X-MS-PolicyKey; `undefined` sends no header. */
  policyKey: string | undefined = '0'

  constructor(options: {
    transport: Transport
    version: EasVersion
    form?: 'plain' | 'base64'
    deviceId?: string
    deviceType?: string
    user?: string
    userAgent?: string
    wlHeader?: string
  }) {
    this.transport = options.transport
    this.version = options.version
    this.form = options.form ?? 'plain'
    this.deviceId = options.deviceId ?? 'pretend1'
    this.deviceType = options.deviceType ?? 'Pretend'
    this.user = options.user ?? 'alice'
    this.userAgent = options.userAgent ?? 'Pretend/1.0'
    this.wlHeader = options.wlHeader
  }

  /** OPTIONS, with what the server says it speaks. */
  async options(): Promise<{ http: number; versions: string[]; commands: string[] }> {
    const answer = await this.transport('OPTIONS', '', { 'user-agent': this.userAgent }, nothing)
    const list = (name: string) => (answer.headers[name] ?? '').split(',').filter(Boolean)
    return {
      http: answer.status,
      versions: list('ms-asprotocolversions'),
      commands: list('ms-asprotocolcommands'),
    }
  }

  /** Sends any command with any body. */
  async call(
    command: EasCommand,
    content: Element | Uint8Array | undefined,
    parameters: Parameters = {},
  ): Promise<EasSeen> {
    const { contentType, ...query } = parameters
    const sentKey = command === 'Ping' ? undefined : this.policyKey
    const request: EasRequest = {
      command,
      version: this.version,
      deviceId: this.deviceId,
      deviceType: this.deviceType,
      policyKey: Number(sentKey ?? 0),
      policyKeySent: sentKey !== undefined,
      user: this.user,
      saveInSent: false,
      acceptMultiPart: false,
      form: this.form,
      ...query,
    }
    const plain = this.form === 'plain'
    const text = plain ? writePlainQuery(request, this.user) : writeBase64Query(request)
    const body =
      content === undefined
        ? nothing
        : content instanceof Uint8Array
          ? content
          : writeWbxml(content)
    const answer = await this.transport(
      'POST',
      text,
      {
        'user-agent': this.userAgent,
        ...(this.wlHeader !== undefined && { 'x-ms-wl': this.wlHeader }),
        ...(plain && { 'ms-asprotocolversion': this.version }),
        ...(plain && sentKey !== undefined && { 'x-ms-policykey': sentKey }),
        ...(plain && request.acceptMultiPart && { 'ms-asacceptmultipart': 'T' }),
        ...(body.length > 0 && { 'content-type': contentType ?? 'application/vnd.ms-sync.wbxml' }),
      },
      body,
    )
    return read(command, answer)
  }

  /** Both steps of Provision; keeps the final key. `acknowledge` is what the client says of the policy. */
  async provision(
    device: DeviceAsk = { model: 'Pretend 1', os: 'Pretend OS 1.0' },
    acknowledge = 1,
  ): Promise<{ first: EasSeen; second: EasSeen | undefined }> {
    this.policyKey = '0'
    const policyType = atLeast(this.version, '12.0')
      ? 'MS-EAS-Provisioning-WBXML'
      : 'MS-WAP-Provisioning-XML'
    const told = atLeast(this.version, '14.1') ? device : undefined
    const ask = { policyType, device: told }
    const first = await this.call('Provision', provisionDocument(ask))
    const temporary = policyKeyIn(first)
    if (!temporary) return { first, second: undefined }
    this.policyKey = temporary
    const second = await this.call(
      'Provision',
      provisionDocument({
        ...ask,
        acknowledge: { policyKey: temporary, status: acknowledge },
      }),
    )
    const final = policyKeyIn(second)
    if (final) this.policyKey = final
    return { first, second }
  }
}

function read(command: EasCommand, answer: TransportAnswer): EasSeen {
  const { status: http, headers, body } = answer
  const type = headers['content-type'] ?? ''
  const document = type.startsWith('application/vnd.ms-sync.multipart')
    ? readMultipart(body)[0]
    : type.startsWith('application/vnd.ms-sync')
      ? body
      : undefined
  const root = document && document.length > 0 ? readWbxml(document, 64 * 1024 * 1024) : undefined
  const tag = answerTags(command)?.status
  const text = root && tag !== undefined ? textOf(root, tag) : undefined
  return { http, headers, body, root, status: text === undefined ? undefined : Number(text) }
}

function policyKeyIn(seen: EasSeen): string | undefined {
  const path = [Provision.Policies, Provision.Policy, Provision.PolicyKey] as const
  return seen.root && textOf(seen.root, ...path)
}
