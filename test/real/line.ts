import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP line to a server that breaks as lines break: with RST, at the worst moment. */
export interface Line {
  readonly port: number
  /** Times that somebody spoke on a connection that the server had left, and found it reset. */
  readonly resets: number
  /** From now on nobody is told when the server closes, so its answers must announce their length; who speaks next finds it reset. */
  hideCloses(yes: boolean): void
  /** The next requests reach the server, and their answers are lost. */
  loseAnswers(count: number): void
  stop(): Promise<void>
}

/** Opens one on a free port of 127.0.0.1. */
export async function openLine(target: { host: string; port: number }): Promise<Line> {
  const sockets = new Set<Socket>()
  const state = { resets: 0, isHiding: false, toLose: 0 }
  const server = createServer((near) => {
    const far = connect(target.port, target.host)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
    }
    near.on('close', () => far.destroy())
    let isWaiting = false
    const reset = () => {
      state.resets += 1
      near.resetAndDestroy()
    }
    far.on('close', () => {
      // Whoever spoke while the server was closing is not left waiting.
      if (!state.isHiding) near.destroy()
      else if (isWaiting) reset()
    })
    near.on('data', (bytes) => {
      isWaiting = true
      if (far.destroyed) reset()
      else far.write(bytes)
    })
    far.on('data', (bytes) => {
      isWaiting = false
      if (state.toLose > 0) {
        state.toLose -= 1
        near.resetAndDestroy()
      } else near.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // An AddressInfo: the server listens on TCP.
  const { port } = server.address() as AddressInfo
  return {
    port,
    get resets() {
      return state.resets
    },
    hideCloses(yes) {
      state.isHiding = yes
    },
    loseAnswers(count) {
      state.toLose = count
    },
    stop() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
