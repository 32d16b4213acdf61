import { folderTree } from './eas-folders.ts'
import { readFolderSync, writeFolderSync } from '../../src/wire/eas/folder-sync.ts'
import { readPing, writePing } from '../../src/wire/eas/ping.ts'
import { writeProvision } from '../../src/wire/eas/provision.ts'
import { readSettings, writeSettings } from '../../src/wire/eas/settings.ts'
import { readSync, writeSync } from '../../src/wire/eas/sync.ts'
import { easVersion } from '../../src/wire/eas/version.ts'
import { readWbxml } from '../../src/wire/wbxml/wbxml.ts'
import type { Reached } from './eas-upstream.ts'

export interface MiniAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

/** A small EAS server for many users: folders, an Inbox that only counts, Ping, Settings, SendMail. */
export interface MiniServer {
  /** Versions that OPTIONS tells. */
  offer: { versions: string; commands: string }
  /** Accepted passwords; a user that is not listed is accepted with any. */
  readonly passwords: Map<string, string>
  /** Message bodies that SendMail accepted, oldest first. */
  readonly sent: Buffer[]
  /** Shortest Ping in seconds; a shorter one is told Status 5. */
  shortestPing: number
  /** Puts a mail into the user's Inbox: waiting Pings and Syncs end. */
  receive(user: string): void
  answer(request: Reached, gone: AbortSignal): Promise<MiniAnswer>
}

const wbxml = { 'content-type': 'application/vnd.ms-sync.wbxml', 'ms-server-activesync': '14.1' }
const ok = (body: Uint8Array): MiniAnswer => ({ status: 200, headers: wbxml, body })

interface Box {
  mails: number
  readonly waiting: Set<() => void>
}

/** Makes a small server's state and behaviour. */
export function createMiniServer(): MiniServer {
  const boxes = new Map<string, Box>()
  const boxOf = (user: string): Box => {
    const box = boxes.get(user) ?? { mails: 0, waiting: new Set() }
    boxes.set(user, box)
    return box
  }
  /** Mails that a device has synced, by user and device. */
  const seen = new Map<string, number>()
  const mini: MiniServer = {
    offer: {
      versions: '2.5,12.0,12.1,14.0,14.1',
      commands: 'Sync,SendMail,FolderSync,GetItemEstimate,Settings,Ping,ItemOperations,Search',
    },
    passwords: new Map(),
    sent: [],
    shortestPing: 1,
    receive(user) {
      const box = boxOf(user)
      box.mails += 1
      for (const wake of box.waiting) wake()
    },
    async answer(request, gone) {
      const expected = mini.passwords.get(request.user)
      if (expected !== undefined && expected !== request.password)
        return { status: 401, headers: { 'www-authenticate': 'Basic realm="upstream"' } }
      if (request.method === 'OPTIONS')
        return {
          status: 200,
          headers: {
            'ms-asprotocolversions': mini.offer.versions,
            'ms-asprotocolcommands': mini.offer.commands,
          },
        }
      const device = `${request.user}/${request.query.get('DeviceId')}`
      return await answerCommand(mini, request, boxOf(request.user), device, seen, gone)
    },
  }
  return mini
}

async function answerCommand(
  mini: MiniServer,
  request: Reached,
  box: Box,
  device: string,
  seen: Map<string, number>,
  gone: AbortSignal,
): Promise<MiniAnswer> {
  const version = easVersion(request.headers['ms-asprotocolversion'] ?? '') ?? '14.1'
  const root =
    request.size > 0 && request.command !== 'SendMail' ? readWbxml(request.body) : undefined
  switch (request.command) {
    case 'FolderSync': {
      const key = root ? readFolderSync(root).syncKey : ''
      if (key === '0') return ok(writeFolderSync({ status: 1, syncKey: '1', add: folderTree }))
      return ok(writeFolderSync(key === '1' ? { status: 1, syncKey: '1' } : { status: 9 }))
    }
    case 'Sync':
      return await answerSync(readSync(root), box, device, seen, version, gone)
    case 'Ping': {
      const { heartbeatSeconds = 60 } = readPing(root)
      if (heartbeatSeconds < mini.shortestPing)
        return ok(writePing({ status: 5, heartbeatSeconds: mini.shortestPing }))
      const changed = await waitForMail(box, seen.get(device) ?? 0, heartbeatSeconds, gone)
      return ok(writePing(changed ? { status: 2, folders: ['in'] } : { status: 1 }))
    }
    case 'Settings': {
      const asked = root && readSettings(root)
      return ok(
        writeSettings(
          asked?.deviceInformation ? { status: 1, deviceInformation: 1 } : { status: 1 },
          version,
        ),
      )
    }
    case 'Provision':
      return ok(
        writeProvision(
          {
            kind: 'policyStatus',
            policyType: 'MS-EAS-Provisioning-WBXML',
            policyStatus: 2,
            policyKey: 7,
          },
          version,
        ),
      )
    case 'SendMail':
      mini.sent.push(request.body)
      return { status: 200, headers: {} }
    default:
      return { status: 200, headers: wbxml }
  }
}

async function answerSync(
  asked: ReturnType<typeof readSync>,
  box: Box,
  device: string,
  seen: Map<string, number>,
  version: Parameters<typeof writeSync>[1],
  gone: AbortSignal,
): Promise<MiniAnswer> {
  const seconds = asked.heartbeatSeconds ?? (asked.wait ?? 0) * 60
  if (seconds > 0) await waitForMail(box, seen.get(device) ?? 0, seconds, gone)
  const collections = asked.collections.map((collection) => {
    const from = seen.get(device) ?? 0
    const known = collection.syncKey === '0' || /^s\d+$/.test(collection.syncKey)
    if (!known) return { collectionId: collection.collectionId, syncKey: '0', status: 3 }
    if (collection.collectionId === 'in' && collection.syncKey !== '0') seen.set(device, box.mails)
    const fresh =
      collection.collectionId === 'in' && collection.syncKey !== '0' ? box.mails - from : 0
    return {
      collectionId: collection.collectionId,
      class: 'Email',
      syncKey: `s${Number(collection.syncKey.slice(1) || 0) + 1}`,
      status: 1,
      changes: Array.from({ length: fresh }, (_, index) => ({
        kind: 'add' as const,
        serverId: `in:${from + index + 1}`,
        data: [],
      })),
    }
  })
  return ok(writeSync({ collections }, version))
}

async function waitForMail(
  box: Box,
  from: number,
  seconds: number,
  gone: AbortSignal,
): Promise<boolean> {
  if (box.mails > from) return true
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer)
      box.waiting.delete(end)
      gone.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, seconds * 1000)
    box.waiting.add(end)
    gone.addEventListener('abort', end)
  })
  return box.mails > from
}
