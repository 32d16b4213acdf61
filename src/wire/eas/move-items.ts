import { Move as Tags } from '../wbxml/tokens.ts'
import { type Element, element, findAll, writeWbxml } from '../wbxml/wbxml.ts'
import { expectRoot, requiredText } from './fields.ts'

/** One move of a MoveItems request (MS-ASCMD 2.2.1.12). */
export interface Move {
  readonly itemId: string
  readonly fromFolder: string
  readonly toFolder: string
}

/** Status 3 is success here: 1 bad source, 2 bad destination, 4 same folder, 5 other failure, 7 locked. */
export interface MoveAnswer {
  readonly itemId: string
  readonly status: number
  /** The new server id, with status 3. */
  readonly movedId?: string
}

/** Reads a MoveItems request. */
export function readMoveItems(root: Element): readonly Move[] {
  expectRoot(root, Tags.MoveItems)
  return findAll(root, Tags.Move).map((move) => ({
    itemId: requiredText(move, Tags.SrcMsgId),
    fromFolder: requiredText(move, Tags.SrcFldId),
    toFolder: requiredText(move, Tags.DstFldId),
  }))
}

/** Writes its answer. */
export function writeMoveItems(answers: readonly MoveAnswer[]): Uint8Array {
  return writeWbxml(
    element(
      Tags.MoveItems,
      answers.map(({ itemId, status, movedId }) =>
        element(
          Tags.Response,
          element(Tags.SrcMsgId, itemId),
          element(Tags.Status, status),
          movedId !== undefined && element(Tags.DstMsgId, movedId),
        ),
      ),
    ),
  )
}
