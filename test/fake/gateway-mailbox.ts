import type { Mailbox, MailView } from '../../src/mailbox/mailbox.ts'
import { readFolderSync, writeFolderSync } from '../../src/wire/eas/folder-sync.ts'
import { writePing } from '../../src/wire/eas/ping.ts'
import { statusAnswer } from '../../src/wire/eas/status.ts'
import { readSync, writeSync } from '../../src/wire/eas/sync.ts'
import { writeSettings } from '../../src/wire/eas/settings.ts'
import { readWbxml } from '../../src/wire/wbxml/wbxml.ts'

const folder = (serverId: string) => ({ serverId, parentId: '0', displayName: 'Inbox', type: 2 })

/** The least that a mailbox can be: one Inbox, and keys that start with `q` or `o`. */
export function createFakeMailbox(): Pick<Mailbox, 'own' | 'quarantine' | 'keyOf'> & {
  /** Sizes of the messages that the built-in mailbox was sent. */
  readonly sent: number[]
} {
  const sent: number[] = []
  const view = (letter: 'q' | 'o'): MailView => ({
    async answer(request, body, ended) {
      const ok = (bytes: Uint8Array) => ({
        status: 200,
        body: bytes,
        headers: { 'content-type': 'application/vnd.ms-sync.wbxml' },
      })
      switch (request.command) {
        case 'FolderSync': {
          const { syncKey } = readFolderSync(readWbxml(body))
          if (syncKey === '0')
            return ok(
              writeFolderSync({ status: 1, syncKey: `${letter}1`, add: [folder(`${letter}in`)] }),
            )
          return ok(
            writeFolderSync(syncKey.startsWith(letter) ? { status: 1, syncKey } : { status: 9 }),
          )
        }
        case 'Sync': {
          const collections = readSync(readWbxml(body)).collections.map(
            ({ collectionId, syncKey }) => {
              const known = syncKey === '0' || syncKey.startsWith(letter)
              return { collectionId, syncKey: known ? `${letter}2` : '0', status: known ? 1 : 3 }
            },
          )
          return ok(writeSync({ collections }, request.version))
        }
        case 'Ping':
          return {
            tell(awaiting) {
              const handleEvent = () => awaiting.answered(ok(writePing({ status: 7 })))
              if (ended.aborted) handleEvent()
              else ended.addEventListener('abort', { handleEvent })
            },
          }
        case 'Settings':
          return ok(writeSettings({ status: 1, deviceInformation: 1 }, request.version))
        case 'SendMail':
          sent.push(body.length)
          if (letter === 'o') return { status: 200 }
          break
        default:
      }
      const { http, body: told } = statusAnswer(request.command, 130, request.version)
      return told ? ok(told) : { status: http }
    },
  })
  return {
    sent,
    own: () => view('o'),
    quarantine: () => view('q'),
    keyOf: (key) => (/^q\d/.test(key) ? 'quarantine' : /^o\d/.test(key) ? 'own' : undefined),
  }
}
