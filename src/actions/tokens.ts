/** What a message may say of its case, by the token that stands for it; names are read without regard to case. */
export const tokenTable = {
  userName: 'sign-in name of the owner',
  userDisplayName: 'name of the owner',
  emailAddress: 'mail address of the owner',
  deviceName: 'name of the device',
  deviceId: 'id of the device',
  model: 'model',
  operatingSystem: 'platform',
  osVersion: 'version of the system',
  serialNumber: 'serial number',
  imei: 'IMEI',
  policyName: 'name of the policy',
  noncompliantSince: 'when the device was first found not to meet it',
  blockedFrom: 'when the device is marked noncompliant',
  issues: 'each thing that is wrong, what was found, what is needed, and how to put it right',
  portalLink: 'address of what the portal says of the device',
  companyName: 'name of the organisation',
} as const

export type TokenName = keyof typeof tokenTable

/** Values of all tokens. */
export type TokenValues = Readonly<Record<TokenName, string>>

// As the templates of the system that this one stands in for spell some of them.
const otherNames: Readonly<Record<string, TokenName>> = {
  userprincipalname: 'userName',
  devicemodel: 'model',
  platform: 'operatingSystem',
  compliancepolicyname: 'policyName',
}

const names = new Map<string, TokenName>([
  ...Object.keys(tokenTable).map((name): [string, TokenName] => [
    name.toLowerCase(),
    name as TokenName, // a key of the table
  ]),
  ...Object.entries(otherNames),
])

/** Names of tokens, in small letters. */
export const knownTokens: ReadonlySet<string> = new Set(names.keys())

const pattern = /\{\{\s*([A-Za-z]{1,40})\s*\}\}/g

/** The tokens of a text, as spelled. */
export function tokensIn(text: string): readonly string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name)
}

/** The text with its tokens replaced, once: a value that looks like a token stays as it is. */
export function fillIn(text: string, values: TokenValues): string {
  return text.replace(pattern, (whole, name: string) => {
    const known = names.get(name.toLowerCase())
    return known ? values[known] : whole
  })
}
