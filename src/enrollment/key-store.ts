import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../base/failures.ts'
import type { Secret } from '../base/secret.ts'
import type { Store } from '../store/store.ts'
import { createRecords } from './records.ts'

/** Where private keys are kept, each with its certificate in one PEM text, so that the two cannot come apart. */
export interface KeyStore {
  read(name: string): Promise<string | undefined>
  /** Durable before it resolves. `once`: what is there already stays, so that of two nodes starting at once one wins. */
  write(name: string, pem: string, once?: boolean): Promise<void>
}

/** Keeps each text in a file that only this account may read. For one node. */
export function createFileKeyStore(folder: string): KeyStore {
  const pathOf = (name: string) => join(folder, `${name}.pem`)
  return {
    async read(name) {
      try {
        const text = await readFile(pathOf(name), 'utf8')
        // A restored backup may have come back readable for others.
        await chmod(pathOf(name), 0o600)
        return text
      } catch (thrown) {
        if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')
          return undefined
        throw new Failure('config.invalid', `cannot read ${pathOf(name)}`, { cause: thrown })
      }
    },
    async write(name, pem, once = false) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await replace(folder, pathOf(name), pem, once)
      } catch (thrown) {
        throw new Failure('config.invalid', `cannot write ${pathOf(name)}`, { cause: thrown })
      }
    },
  }
}

/** Written aside, synced, then named: a crash leaves the old text or the new one, never half of one. */
async function replace(folder: string, path: string, text: string, once: boolean): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(aside, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  if (once) {
    try {
      await link(aside, path)
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown
    } finally {
      await unlink(aside)
    }
  } else {
    await rename(aside, path)
  }
  const directory = await open(folder, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/**
 * Keeps each text in the database, for several nodes, sealed with AES-256-GCM under a key made from `secret`. The name is
 * sealed in, so that swapped rows do not open.
 */
export function createSealedKeyStore(
  store: Pick<Store, 'db' | 'transact'>,
  secret: Secret,
): KeyStore {
  const records = createRecords(store)
  return {
    async read(name) {
      const sealed = await records.readKey(name)
      return sealed === undefined ? undefined : unseal(name, sealed, secret)
    },
    write: async (name, pem, once = false) =>
      records.writeKey(name, await seal(name, pem, secret), once),
  }
}

// scrypt, since operators type pass phrases; its price is paid once per key and start.
function stretch(secret: Secret, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(secret.reveal(), salt, 32, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

async function seal(name: string, text: string, secret: Secret): Promise<string> {
  const salt = randomBytes(16)
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', await stretch(secret, salt), nonce)
  cipher.setAAD(Buffer.from(name))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), body]).toString('base64')
}

async function unseal(name: string, sealed: string, secret: Secret): Promise<string> {
  const bytes = Buffer.from(sealed, 'base64')
  const decipher = createDecipheriv(
    'aes-256-gcm',
    await stretch(secret, bytes.subarray(0, 16)),
    bytes.subarray(16, 28),
    { authTagLength: 16 },
  )
  decipher.setAAD(Buffer.from(name))
  try {
    decipher.setAuthTag(bytes.subarray(28, 44))
    return decipher.update(bytes.subarray(44), undefined, 'utf8') + decipher.final('utf8')
  } catch (thrown) {
    throw new Failure('config.invalid', `the secret does not open the key ${name}`, {
      cause: thrown,
    })
  }
}
