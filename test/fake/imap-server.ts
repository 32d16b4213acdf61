import { type AddressInfo, createServer, type Socket } from 'node:net'

/** The least of an IMAP server: sign-in, INBOX, IDLE, and a Sent folder to search. */
export interface FakeImap {
  readonly url: string
  /** `user:password` of every sign-in, in order. */
  readonly signedIn: string[]
  /** Message-IDs of what lies in everybody's Sent folder. */
  readonly inSent: Set<string>
  /** Connections in IDLE. */
  readonly idling: number
  /** A new message in everybody's INBOX. */
  receive(): void
  /** Cuts all connections. */
  cut(): void
  /** Refuses sign-ins from now on. */
  refuse(yes: boolean): void
  stop(): Promise<void>
}

interface State {
  readonly idle: Map<Socket, string>
  readonly signedIn: string[]
  readonly inSent: Set<string>
  exists: number
  refusing: boolean
}

/** Starts one on a free port. */
export async function startFakeImap(): Promise<FakeImap> {
  const sockets = new Set<Socket>()
  const state: State = {
    idle: new Map(),
    signedIn: [],
    inSent: new Set(),
    exists: 1,
    refusing: false,
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => {
      sockets.delete(socket)
      state.idle.delete(socket)
    })
    socket.on('error', () => socket.destroy())
    socket.write('* OK IMAP4rev1 ready\r\n')
    let rest = ''
    socket.on('data', (bytes) => {
      const lines = (rest + bytes.toString()).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) answer(state, socket, line)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  // An AddressInfo: the server listens on TCP.
  const { port } = server.address() as AddressInfo
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `imap://127.0.0.1:${port}`,
    signedIn: state.signedIn,
    inSent: state.inSent,
    get idling() {
      return state.idle.size
    },
    receive() {
      state.exists += 1
      for (const socket of state.idle.keys()) socket.write(`* ${state.exists} EXISTS\r\n`)
    },
    cut,
    refuse(yes) {
      state.refusing = yes
    },
    stop() {
      cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function answer(state: State, socket: Socket, line: string): void {
  const { idle } = state
  if (line.toUpperCase() === 'DONE') {
    socket.write(`${idle.get(socket)} OK done\r\n`)
    idle.delete(socket)
    return
  }
  const [tag = '', command = '', ...words] = line.split(' ')
  switch (command.toUpperCase()) {
    case 'CAPABILITY':
      socket.write('* CAPABILITY IMAP4rev1 IDLE CONDSTORE ENABLE\r\n')
      break
    case 'LOGIN':
      if (state.refusing) return void socket.write(`${tag} NO [AUTHENTICATIONFAILED] no\r\n`)
      state.signedIn.push(words.map((word) => word.replaceAll('"', '')).join(':'))
      break
    case 'LIST':
    case 'LSUB':
      socket.write(`* ${command} () "/" INBOX\r\n* ${command} (\\Sent) "/" Sent\r\n`)
      break
    case 'SELECT':
    case 'EXAMINE':
      socket.write(`* FLAGS (\\Seen)\r\n* ${state.exists} EXISTS\r\n* 0 RECENT\r\n`)
      socket.write('* OK [UIDVALIDITY 1]\r\n* OK [UIDNEXT 9]\r\n* OK [HIGHESTMODSEQ 5]\r\n')
      break
    case 'SEARCH':
      socket.write(`* SEARCH${state.inSent.has(/<.*>/.exec(line)?.[0] ?? '') ? ' 1' : ''}\r\n`)
      break
    case 'IDLE':
      idle.set(socket, tag)
      socket.write('+ idling\r\n')
      return
  }
  socket.write(`${tag} OK done\r\n`)
}
