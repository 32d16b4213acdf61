import assert from 'node:assert/strict'
import { it } from 'node:test'
import { playDemo } from '../../src/demo/demo.ts'
import { steps } from '../../src/demo/play.ts'
import { startPostern } from '../../src/postern.ts'

it('the demo plays every step, and tells each as one JSON object', async () => {
  const lines: string[] = []
  const held = await playDemo({ json: true, devices: 3 }, startPostern, (line) => lines.push(line))
  const told = lines.map((line): unknown => JSON.parse(line))
  const names = ['start', ...steps.map(({ name }) => name)]
  assert.deepEqual(
    told.map((one) => [Reflect.get(Object(one), 'step'), Reflect.get(Object(one), 'ok')]),
    names.map((name) => [name, true]),
  )
  for (const one of told) assert.ok(Number(Reflect.get(Object(one), 'ms')) >= 0)
  assert.equal(held, true)
})

it('a stage on which nothing can be done fails the demo, and is taken down', async () => {
  const lines: string[] = []
  let stopped = false
  const playing = playDemo(
    { json: false, devices: 0 },
    async (config) => {
      const running = await startPostern(config)
      const stop = () => running.stop().then(() => void (stopped = true))
      return { ...running, local: { ...running.local, token: 'wrong' }, stop }
    },
    (line) => lines.push(line),
  )
  await assert.rejects(playing, /token is not known/)
  assert.equal(lines.length, 1)
  assert.equal(stopped, true)
})
