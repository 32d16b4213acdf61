import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A certificate for 127.0.0.1 on an ECDSA P-256 key, as Postern makes them; both sides of a comparison use the same. */
export interface Certificate {
  readonly keyFile: string
  readonly certificateFile: string
  readonly pem: string
}

export async function makeCertificate(folder: string): Promise<Certificate> {
  const keyFile = join(folder, 'key.pem')
  const certificateFile = join(folder, 'certificate.pem')
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile]
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    ...key,
    ...subject,
    '-days',
    '7',
    '-out',
    certificateFile,
  ])
  return { keyFile, certificateFile, pem: readFileSync(certificateFile, 'utf8') }
}
