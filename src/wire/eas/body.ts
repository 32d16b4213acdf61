import { AirSyncBase, Email } from '../wbxml/tokens.ts'
import { type Element, element, findAll } from '../wbxml/wbxml.ts'
import { bit, flag, wholeNumber } from './fields.ts'
import { atLeast, type EasVersion } from './version.ts'

/** A BodyPreference (MS-ASAIRS 2.2.2.12): 1 plain text, 2 HTML, 3 RTF, 4 MIME. */
export interface BodyPreference {
  readonly type: number
  /** Bytes of UTF-8; undefined: whole. */
  readonly truncationSize: number | undefined
  /** A body that would have to be cut is not sent in this type. */
  readonly allOrNone: boolean
}

/** The forms in which a message can be given; a missing one is never chosen. */
export interface BodyForms {
  readonly text?: string
  readonly html?: string
  readonly mime?: Uint8Array
}

/** What the client asked for; `SyncOptions` is one. */
export interface BodyWish {
  readonly bodyPreferences: readonly BodyPreference[]
  /** 0 never MIME, 1 only S/MIME, 2 always. */
  readonly mimeSupport: number | undefined
  /** 2.5: truncation class of text, 0-9. */
  readonly truncation: number | undefined
  /** Truncation class of MIME, 0-8. */
  readonly mimeTruncation: number | undefined
}

/** A body as it is sent: already cut. */
export interface ChosenBody {
  readonly type: 1 | 2 | 4
  /** Bytes where a MIME message is not UTF-8. */
  readonly data: string | Uint8Array
  /** Bytes before cutting. */
  readonly size: number
  readonly truncated: boolean
}

/** Reads every BodyPreference below an Options element. */
export function readBodyPreferences(options: Element): readonly BodyPreference[] {
  return findAll(options, AirSyncBase.BodyPreference).map((preference) => ({
    type: wholeNumber(preference, AirSyncBase.Type) ?? 1,
    truncationSize: wholeNumber(preference, AirSyncBase.TruncationSize),
    allOrNone: flag(preference, AirSyncBase.AllOrNone, false),
  }))
}

type BodyType = 1 | 2 | 4

// Largest sizes by class (MS-ASCMD 2.2.3.101, 2.2.3.175); the last class cuts nothing.
const textClasses = [0, 512, 1024, 2048, 5120, 10_240, 20_480, 51_200, 102_400]
const mimeClasses = [0, 4096, 5120, 7168, 10_240, 20_480, 51_200, 102_400]

/**
 * Picks type and cut as the client asked: by its preferences from 12.0 on, by truncation classes in 2.5. MIME only where
 * MIMESupport is 2, else the richest form among those asked for; without any preference, plain text.
 */
export function chooseBody(forms: BodyForms, wish: BodyWish, version: EasVersion): ChosenBody {
  const ranked = atLeast(version, '12.0')
    ? rankedPreferences(forms, wish)
    : oldPreferences(forms, wish)
  for (const preference of ranked) {
    const body = cut(forms, preference.type, preference.truncationSize)
    if (!body.truncated || !preference.allOrNone || preference.truncationSize === undefined)
      return body
  }
  const [first] = ranked
  if (first) return { ...cut(forms, first.type, 0), data: '', truncated: true }
  return cut(forms, forms.text === undefined && forms.html !== undefined ? 2 : 1, undefined)
}

interface Ranked {
  readonly type: BodyType
  readonly truncationSize: number | undefined
  readonly allOrNone: boolean
}

function rankedPreferences(forms: BodyForms, wish: BodyWish): readonly Ranked[] {
  const order: readonly BodyType[] = wish.mimeSupport === 2 ? [4, 2, 1] : [2, 1]
  return order.flatMap((type) => {
    const preference = wish.bodyPreferences.find((one) => one.type === type)
    if (!preference || !hasForm(forms, type)) return []
    const { truncationSize, allOrNone } = preference
    const byClass = type === 4 ? mimeClasses[wish.mimeTruncation ?? 8] : undefined
    return [{ type, truncationSize: truncationSize ?? byClass, allOrNone }]
  })
}

function oldPreferences(forms: BodyForms, wish: BodyWish): readonly Ranked[] {
  const asMime = wish.mimeSupport === 2 && forms.mime !== undefined
  const truncationSize = asMime
    ? mimeClasses[wish.mimeTruncation ?? 8]
    : textClasses[wish.truncation ?? 9]
  return [{ type: asMime ? 4 : 1, truncationSize, allOrNone: false }]
}

function hasForm(forms: BodyForms, type: BodyType): boolean {
  return (type === 4 ? forms.mime : type === 2 ? forms.html : forms.text) !== undefined
}

function cut(forms: BodyForms, type: BodyType, longest: number | undefined): ChosenBody {
  const whole: Uint8Array =
    type === 4
      ? (forms.mime ?? new Uint8Array(0))
      : Buffer.from((type === 2 ? forms.html : forms.text) ?? '', 'utf8')
  const size = whole.length
  const truncated = longest !== undefined && size > longest
  const kept = truncated ? whole.subarray(0, wholeCharacters(whole, longest)) : whole
  if (type === 4) return { type, data: mimeText(kept), size, truncated }
  const text = Buffer.from(kept.buffer, kept.byteOffset, kept.length).toString('utf8')
  return { type, data: type === 2 && truncated ? wholeTags(text) : text, size, truncated }
}

/** Steps back to the start of a character that `end` would cut in two. */
function wholeCharacters(bytes: Uint8Array, end: number): number {
  let at = end
  // Not further than a character is long: MIME need not be UTF-8.
  while (at > 0 && end - at < 3 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--
  return at
}

/** Half a tag at the end would show as text, or swallow what follows it. */
function wholeTags(html: string): string {
  const open = html.lastIndexOf('<')
  return open > html.lastIndexOf('>') ? html.slice(0, open) : html
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Inline text where it can be; opaque bytes where a message in an old 8-bit charset would otherwise be falsified. */
function mimeText(bytes: Uint8Array): string | Uint8Array {
  try {
    const text = strict.decode(bytes)
    return text.includes('\0') ? bytes : text
  } catch (fault) {
    if (fault instanceof TypeError) return bytes
    throw fault
  }
}

/** The body elements: AirSyncBase:Body and NativeBodyType from 12.0 on, Email:Body or Email:MIMEData in 2.5. */
export function writeBody(
  body: ChosenBody,
  nativeType: 1 | 2,
  version: EasVersion,
): readonly Element[] {
  if (atLeast(version, '12.0'))
    return [
      element(
        AirSyncBase.Body,
        element(AirSyncBase.Type, body.type),
        element(AirSyncBase.EstimatedDataSize, body.size),
        element(AirSyncBase.Truncated, bit(body.truncated)),
        body.data.length > 0 && element(AirSyncBase.Data, body.data),
      ),
      element(AirSyncBase.NativeBodyType, nativeType),
    ]
  if (body.type === 4)
    return [
      element(Email.MIMETruncated, bit(body.truncated)),
      element(Email.MIMEData, body.data),
      element(Email.MIMESize, body.size),
    ]
  return [
    element(Email.BodyTruncated, bit(body.truncated)),
    element(Email.Body, body.data),
    element(Email.BodySize, body.size),
  ]
}
