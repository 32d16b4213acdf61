import { Failure } from '../base/failures.ts'

/** A line of a stream, counted from 1. */
export interface Line {
  readonly number: number
  readonly text: string
}

/**
 * The lines of UTF-8 bytes, one at a time, whatever their number; blank ones are left out. Throws `limit.exceeded` for a
 * line of more than `longest` bytes, since nobody knows where it would end.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  longest: number,
): AsyncGenerator<Line> {
  const decoder = new TextDecoder()
  let rest = ''
  let number = 0
  for await (const chunk of chunks) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = pieces.pop() ?? ''
    for (const piece of pieces) {
      number++
      if (piece.trim()) yield { number, text: piece }
    }
    if (rest.length > longest)
      throw new Failure('limit.exceeded', `line ${number + 1}: longer than ${longest} characters`)
  }
  rest += decoder.decode()
  if (rest.trim()) yield { number: number + 1, text: rest }
}
