/**
 * The text of a file of JSON: UTF-8, or UTF-16 with its byte order mark, as PowerShell writes it. `undefined` where the
 * bytes are no text.
 */
export function textOf(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe
      ? 'utf-16le'
      : first === 0xfe && second === 0xff
        ? 'utf-16be'
        : 'utf-8'
  try {
    // A byte order mark is taken off by the decoder.
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (thrown) {
    if (thrown instanceof TypeError) return undefined
    throw thrown
  }
}
