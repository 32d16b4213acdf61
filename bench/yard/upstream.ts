import { createServer, type Socket } from 'node:net'
import { FolderHierarchy } from '../../src/wire/wbxml/tokens.ts'
import { element, writeWbxml } from '../../src/wire/wbxml/wbxml.ts'
import { writePing } from '../../src/wire/eas/ping.ts'
import { syncReply } from './documents.ts'

/*
 * The mail server of a benchmark: answers as quickly as Node can, on keep-alive connections, so that what is measured is
 * what stands in front of it. With `silent` as its argument it never answers a Ping.
 */

const silent = process.argv[2] === 'silent'

const answer = (body: Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from(
      `HTTP/1.1 200 OK\r\nContent-Type: application/vnd.ms-sync.wbxml\r\nCache-Control: private\r\nContent-Length: ${body.length}\r\n\r\n`,
    ),
    body,
  ])

const folders = element(
  FolderHierarchy.FolderSync,
  element(FolderHierarchy.Status, 1),
  element(FolderHierarchy.SyncKey, 'up-1'),
  element(
    FolderHierarchy.Changes,
    element(FolderHierarchy.Count, 1),
    element(
      FolderHierarchy.Add,
      element(FolderHierarchy.ServerId, 'f1'),
      element(FolderHierarchy.ParentId, '0'),
      element(FolderHierarchy.DisplayName, 'Inbox'),
      element(FolderHierarchy.Type, 2),
    ),
  ),
)
const answers = {
  FolderSync: answer(writeWbxml(folders)),
  Ping: answer(writePing({ status: 1 })),
  Sync: answer(syncReply),
}

/** Reads requests off one connection; whatever has a body says so in Content-Length. */
function serve(socket: Socket): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (piece) => {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    for (;;) {
      const headEnd = rest.indexOf('\r\n\r\n')
      if (headEnd < 0) return
      const head = rest.toString('latin1', 0, headEnd)
      const size = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
      if (rest.length < headEnd + 4 + size) return
      rest = rest.subarray(headEnd + 4 + size)
      const command = /[?&]Cmd=(FolderSync|Ping)/.exec(head)?.[1] as
        | 'FolderSync'
        | 'Ping'
        | undefined // by the pattern
      if (command === 'Ping' && silent) continue
      socket.write(answers[command ?? 'Sync'])
      if (/\r\nconnection: *close/i.test(head)) socket.end()
    }
  })
}

const server = createServer(serve)
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address()
  process.send?.(typeof address === 'object' ? address?.port : 0)
})
process.on('disconnect', () => void process.kill(process.pid))
