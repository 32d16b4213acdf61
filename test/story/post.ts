import type { AddressInfo } from 'node:net'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** A notice as it left by SMTP. */
export interface Posted {
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** A mail server that takes every notice, so that none lies between the mails that a story is about. */
export interface Post {
  readonly url: string
  readonly mails: readonly Posted[]
  stop(): Promise<void>
}

/** Opens one on a free port. */
export async function startPost(): Promise<Post> {
  const mails: Posted[] = []
  const note = async (addresses: readonly string[], source: Uint8Array) => {
    const { subject = '', text = '' } = await PostalMime.parse(source)
    for (const to of addresses) mails.push({ to, subject, text })
  }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, { envelope }, done) {
      const pieces: Buffer[] = []
      stream.on('data', (piece: Buffer) => pieces.push(piece))
      stream.on('end', () => {
        const to = envelope.rcptTo.map(({ address }) => address)
        void note(to, Buffer.concat(pieces))
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo // it listens on TCP
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}
