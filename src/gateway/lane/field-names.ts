/** Names as clients and mail servers spell them, in lower case: a look-up is cheaper than making each anew. */
const known: ReadonlyMap<string, string> = new Map(
  [
    'Accept',
    'Accept-Encoding',
    'Accept-Language',
    'Authorization',
    'Cache-Control',
    'Connection',
    'Content-Length',
    'Content-Type',
    'Cookie',
    'Date',
    'Host',
    'MS-ASProtocolVersion',
    'MS-Server-ActiveSync',
    'Server',
    'User-Agent',
    'X-MS-PolicyKey',
  ].flatMap((name) => [
    [name, name.toLowerCase()],
    [name.toLowerCase(), name.toLowerCase()],
  ]),
)

/** The name of a field in lower case. */
export function lowerCase(name: string): string {
  return known.get(name) ?? name.toLowerCase()
}
