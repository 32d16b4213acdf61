import type { EasAnswer } from '../mailbox/mailbox.ts'
import { readEstimate, writeEstimate } from '../wire/eas/estimate.ts'
import { writeFolderChange, writeFolderSync } from '../wire/eas/folder-sync.ts'
import type { EasRequest } from '../wire/eas/request.ts'
import { readSync, writeSync } from '../wire/eas/sync.ts'
import { readWbxml } from '../wire/wbxml/wbxml.ts'
import { wbxmlHeaders } from './refusals.ts'

/**
 * What a client hears that comes out of quarantine with keys of ours: its folders are to be read anew (FolderSync 9), its
 * collections too (Sync 3). An upstream must never see such a key: SOGo answers an unknown folder key with no folders for
 * ever, and an unknown collection key by sending everything a second time.
 *
 * One Sync may mix our keys and the upstream's: all of its collections start again then, so that no change of the client
 * is lost without a word.
 */
export function resetAnswer(request: EasRequest, body: Uint8Array): EasAnswer {
  return { status: 200, headers: wbxmlHeaders, body: resetBody(request, body) }
}

function resetBody(request: EasRequest, body: Uint8Array): Uint8Array {
  switch (request.command) {
    case 'FolderSync':
      return writeFolderSync({ status: 9 })
    case 'FolderCreate':
    case 'FolderDelete':
    case 'FolderUpdate':
      return writeFolderChange(request.command, { status: 9 })
    case 'GetItemEstimate':
      return writeEstimate(
        readEstimate(readWbxml(body)).map(({ collectionId, class: itemClass }) => ({
          collectionId,
          class: itemClass,
          status: 4,
        })),
      )
    default: {
      const { collections } = readSync(readWbxml(body))
      const answers = collections.map(({ collectionId, class: itemClass }) => ({
        collectionId,
        ...(itemClass !== undefined && { class: itemClass }),
        syncKey: '0',
        status: 3,
      }))
      return writeSync({ collections: answers }, request.version)
    }
  }
}
