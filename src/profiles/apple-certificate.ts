import { Failure } from '../base/failures.ts'
import type { Plist } from '../wire/plist/plist.ts'
import type { ScepCertificate } from './email-profile.ts'

/** Whose account it is. */
export interface Holder {
  /** Sign-in name; Graph's `userPrincipalName`. */
  readonly name: string
  readonly mail: string
}

const usages: Readonly<Record<string, number>> = { digitalSignature: 1, keyEncipherment: 4 }

/**
 * `PayloadContent` of a `com.apple.security.scep` payload (apple/device-management). Apple takes one server: the first.
 * No challenge: a secret in a file that its user can read would be none.
 */
export function scepContent(certificate: ScepCertificate, holder: Holder): Plist {
  const { scepServerUrls, keySize, keyUsage, subjectAlternativeNameType } = certificate
  const other = {
    none: undefined,
    emailAddress: { rfc822Name: holder.mail },
    userPrincipalName: { ntPrincipalName: holder.name },
  }[subjectAlternativeNameType]
  return {
    URL: scepServerUrls[0] ?? '',
    Name: certificate.displayName,
    Subject: subjectOf(certificate.subjectNameFormatString, holder),
    'Key Type': 'RSA',
    Keysize: Number(keySize.slice('size'.length)),
    'Key Usage': keyUsage.split(',').reduce((mask, usage) => mask | (usages[usage.trim()] ?? 0), 0),
    ...(other && { SubjectAltName: other }),
  }
}

/** Shortcuts that Apple knows; all else is a dotted number, or one of these that it does not know. */
const shortcuts = ['C', 'L', 'ST', 'O', 'OU', 'CN']
const numbers: Readonly<Record<string, string>> = {
  E: '1.2.840.113549.1.9.1',
  EMAIL: '1.2.840.113549.1.9.1',
  UID: '0.9.2342.19200300.100.1.1',
  DC: '0.9.2342.19200300.100.1.25',
}

/** The name taken apart before anything is filled in: a comma in a user's name must not begin a new part. */
function subjectOf(format: string, holder: Holder): Plist {
  return format.split(/(?<!\\),/).map((part) => {
    const [, key = '', value = ''] = /^\s*([A-Za-z]+|\d+(?:\.\d+)+)\s*=(.*)$/s.exec(part) ?? []
    const name = key.toUpperCase()
    const known = shortcuts.includes(name) ? name : (numbers[name] ?? (/^\d/.test(key) ? key : ''))
    if (!known)
      throw new Failure('profile.undeliverable', `subjectNameFormatString: what is ${part.trim()}?`)
    return [[known, filled(value.trim().replaceAll('\\,', ','), holder)]]
  })
}

function filled(value: string, { name, mail }: Holder): string {
  const known: Readonly<Record<string, string>> = {
    USERNAME: localPart(name),
    USERPRINCIPALNAME: name,
    EMAILADDRESS: mail,
  }
  return value.replace(/\{\{([^{}]*)\}\}/g, (whole, token: string) => {
    const said = known[token.trim().toUpperCase()]
    if (said === undefined)
      throw new Failure('profile.undeliverable', `subjectNameFormatString: what is ${whole}?`)
    return said
  })
}

/** What stands before the `@`; all of it where there is none. */
export const localPart = (name: string): string => name.split('@')[0] ?? name
