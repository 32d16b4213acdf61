import { connect, type Socket } from 'node:net'

/*
 * Phones that hold a Ping each, on raw sockets, in a process of their own. Told `{ port, requests }`, it answers `held` once all
 * are sent, and with each that ends the time of it; told `ended`, how they ended.
 */

interface Told {
  readonly port: number
  /** Whole requests, in base64. */
  readonly requests: readonly string[]
}

const endings: number[] = []
const sockets: Socket[] = []

function hold(port: number, request: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(Buffer.from(request, 'base64'), () => resolve())
    })
    socket.once('data', () => {
      endings.push(Date.now())
      socket.destroy()
    })
    socket.once('error', reject)
    sockets.push(socket)
  })
}

process.on('message', (message) => {
  if (message === 'ended') return void process.send?.({ held: sockets.length, endings })
  const { port, requests } = message as Told // what bench/held.ts sends
  const rest = [...requests]
  const work = async () => {
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) await hold(port, next)
  }
  void Promise.all(Array.from({ length: 64 }, work)).then(() => process.send?.('held'))
  return undefined
})
process.send?.(0)
process.on('disconnect', () => void process.kill(process.pid))
