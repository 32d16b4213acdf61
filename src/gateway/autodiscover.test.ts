import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Rig, startRig } from '../../test/fake/gateway-rig.ts'

const schema = 'http://schemas.microsoft.com/exchange/autodiscover'
const poxRequest = (address: string, response = `${schema}/mobilesync/responseschema/2006`) =>
  `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="${schema}/mobilesync/requestschema/2006"><Request>` +
  `<EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>${response}</AcceptableResponseSchema>` +
  `</Request></Autodiscover>`

describe('Autodiscover', () => {
  let rig: Rig
  before(async () => {
    rig = await startRig()
  })
  after(() => rig.stop())
  const easUrl = 'https://mail.corp.test/Microsoft-Server-ActiveSync'
  const post = (path: string, body: string, user: string | undefined = 'alice') =>
    fetch(`${rig.url}${path}`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'text/xml',
        ...(user && { authorization: `Basic ${btoa(`${user}:secret-${user}`)}` }),
      },
    })

  it('v1 tells the door and the own address, on paths of any case', async () => {
    for (const path of ['/autodiscover/autodiscover.xml', '/Autodiscover/Autodiscover.xml']) {
      const response = await post(path, poxRequest('alice@corp.test'))
      assert.equal(response.status, 200)
      assert.match(response.headers.get('content-type') ?? '', /^text\/xml/)
      const text = await response.text()
      assert.ok(text.includes(`<Url>${easUrl}</Url>`))
      assert.ok(text.includes('alice@corp.test'))
      assert.ok(text.includes('MobileSync'))
    }
  })

  it('v1 never tells about another address than the caller', async () => {
    const text = await (
      await post('/autodiscover/autodiscover.xml', poxRequest('bob@corp.test'))
    ).text()
    assert.ok(!text.includes('bob'))
  })

  it('v1 asks for credentials first, and names what it does not serve', async () => {
    const path = '/autodiscover/autodiscover.xml'
    const anonymous = await post(path, poxRequest('alice@corp.test'), '')
    assert.equal(anonymous.status, 401)
    const outlook = `${schema}/outlook/responseschema/2006a`
    assert.ok((await (await post(path, poxRequest('a@b', outlook))).text()).includes('601'))
    assert.ok((await (await post(path, 'no XML')).text()).includes('600'))
    const bomb = '<!DOCTYPE a [<!ENTITY b "cccc">]><Autodiscover>&b;</Autodiscover>'
    assert.ok((await (await post(path, bomb)).text()).includes('600'))
    assert.equal((await post(path, 'x'.repeat(100_000))).status, 400)
  })

  it('v2 answers anybody the same', async () => {
    const ask = async (rest: string) => {
      const response = await fetch(`${rig.url}/autodiscover/autodiscover.json${rest}`)
      return { status: response.status, text: await response.text() }
    }
    const known = await ask('/v1.0/alice@corp.test?Protocol=ActiveSync')
    assert.equal(known.status, 200)
    assert.deepEqual(JSON.parse(known.text), { Protocol: 'ActiveSync', Url: easUrl })
    assert.deepEqual(await ask('/v1.0/nobody@corp.test?Protocol=ActiveSync'), known)
    assert.deepEqual(await ask('?Email=alice@corp.test&protocol=activesync'), known)
    assert.equal((await ask('?Email=a@b&Protocol=Ews')).status, 400)
    assert.equal((await fetch(`${rig.url}/autodiscover/other`)).status, 404)
  })
})
