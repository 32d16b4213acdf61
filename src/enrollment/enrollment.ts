import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Device, DeviceId, Devices } from '../devices/devices.ts'
import type { UserId } from '../directory/directory.ts'
import type { Store } from '../store/store.ts'
import { type Authority, openAuthority } from './authority.ts'
import type { KeyStore } from './key-store.ts'
import { createRecords, type EnrollmentRecords } from './records.ts'
import { readReport } from './report.ts'

/** A key and its certificate, as a TLS server takes them. */
export interface TlsIdentity {
  readonly keyPem: string
  readonly certificatePem: string
}

/** A PKCS#10 request for a device, with what we were told about it. */
export interface CertificateRequest {
  readonly csrPem: string
  readonly owner: UserId
  readonly name: string
  /** Renews this one; otherwise a new device is enrolled. */
  readonly device?: DeviceId
}

/** Our certificate authority, device certificates and the device-state ingest. */
export interface Enrollment {
  /** The CA certificate that devices and browsers may be told to trust. */
  readonly authorityPem: string
  /** TLS identity of this server for these names, made by our CA, kept and renewed: ask again once a day. */
  serverIdentity(names: readonly string[]): Promise<TlsIdentity>
  /** Signs a PKCS#10 request (PEM) for a device: enrolls a new one for the user, or renews `device`. */
  certify(request: CertificateRequest): Promise<{ device: DeviceId; certificatePem: string }>
  /**
   * Takes a device report: a compact JWS (RFC 7515) signed by the device's key, `x5c` header with its certificate,
   * payload `{ iat, facts: { osVersion: "18.1", … } }`. Facts enter as `managed`. Throws `enrollment.refused`, whose
   * detail names the check that failed; the status is the same for every check.
   */
  ingest(jws: string): Promise<DeviceId>
}

/** Makes or opens the CA. Call before the listener starts: the first time it takes a tenth of a second. */
export async function createEnrollment(given: {
  store: Store
  devices: Pick<Devices, 'enroll' | 'find' | 'observe' | 'retire'>
  keyStore: KeyStore
  clock: Clock
}): Promise<Enrollment> {
  const { store, devices, clock } = given
  const records = createRecords(store)
  const authority = await openAuthority(given.keyStore, clock)
  return {
    authorityPem: authority.certificatePem,
    serverIdentity: (names) => authority.serverIdentity(names),
    certify: (request) => certify({ authority, records, devices, clock }, request),
    ingest: (jws) => ingest({ authority, records, devices, clock }, jws),
  }
}

interface Parts {
  readonly authority: Authority
  readonly records: EnrollmentRecords
  readonly devices: Pick<Devices, 'enroll' | 'find' | 'observe' | 'retire'>
  readonly clock: Clock
}

const refused = (check: string) => new Failure('enrollment.refused', check)

async function certify(parts: Parts, request: CertificateRequest) {
  const { authority, records, devices, clock } = parts
  if (request.csrPem.length > limits.certificateRequestBytes.value) {
    throw refused(`request is larger than ${limits.certificateRequestBytes.value} bytes`)
  }
  const { issueDevice, readRequest } = await import('./issue.ts')
  const publicKey = await readRequest(request.csrPem)
  if ('refused' in publicKey) throw refused(publicKey.refused)
  const renewed = request.device
  if (renewed !== undefined) {
    const device = await devices.find(renewed)
    if (!isRegistered(device) || device.owner !== request.owner) {
      throw refused('the device to renew is not a registered one of this user')
    }
  }
  const { owner, name } = request
  const device = renewed ?? (await devices.enroll({ owner, name, channel: 'report' }))
  try {
    const now = clock.now()
    const issued = await issueDevice(authority, device, publicKey, now)
    // Recorded before it is handed out: an unrecorded certificate is worth nothing.
    await records.addCertificate({
      serial: issued.serial,
      device,
      issuedAt: now,
      notAfter: issued.notAfter,
    })
    return { device, certificatePem: issued.certificatePem }
  } catch (thrown) {
    // Without a certificate the new device could never report.
    if (renewed === undefined) await devices.retire(device)
    throw thrown
  }
}

async function ingest(parts: Parts, jws: string): Promise<DeviceId> {
  const { authority, records, devices, clock } = parts
  const now = clock.now()
  const report = await readReport(jws, authority.certificate, now)
  if ('refused' in report) throw refused(report.refused)
  const certificate = await records.certificate(report.serial)
  if (!certificate || certificate.device !== report.name)
    throw refused('certificate is not recorded')
  if (certificate.revokedAt !== null) throw refused('certificate was replaced or revoked')
  // Our own record, written from a `DeviceId`.
  const id = certificate.device as DeviceId
  if (!isRegistered(await devices.find(id))) throw refused('the device is not registered')
  // Noted as taken first: after a crash between the two the sender has no answer, and signs a newer report. The other
  // order would let a copy of the report in once more.
  if (!(await records.takeReport(id, report.signedAt, certificate.issuedAt, now))) {
    throw refused('not newer than the last report')
  }
  await devices.observe(id, report.facts, true)
  return id
}

function isRegistered(device: Device | undefined): device is Device {
  return device?.registration === 'registered' && device.retiredAt === undefined
}
