import { createServer } from 'node:http'

/* What self-hosters put behind nginx `auth_request` today: a small node:http server that answers 204 or 403. */

const allowed = new Set(process.argv.slice(2))
const server = createServer((req, res) => {
  const device = new URL(String(req.headers['x-original-uri'] ?? '/'), 'http://x').searchParams.get(
    'DeviceId',
  )
  res.writeHead(device && allowed.has(device) && req.headers.authorization ? 204 : 403)
  res.end()
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.(typeof address === 'object' ? address?.port : 0)
})
process.on('disconnect', () => void process.kill(process.pid))
