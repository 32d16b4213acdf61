import type { Facts } from '../devices/facts.ts'

/** What of a device its user's mail clients could be recognised by. */
export interface Fitting {
  readonly active: boolean
  readonly registration: string
  readonly platform: string | undefined
  readonly imei: string | undefined
}

/**
 * The one device that a client's claims fit, where activation is not required: it is registered and active, nobody else's
 * client is bound to it, the platform is the same, and so is the IMEI where both tell one. `undefined` where none fits, or
 * more than one: a guess between two is no identity.
 */
export function fittingDevice<D extends Fitting>(
  free: readonly D[],
  { platform, imei }: Facts,
): D | undefined {
  if (!platform || platform.value === 'unknown') return undefined
  const fitting = free.filter(
    (device) =>
      device.active &&
      device.registration === 'registered' &&
      device.platform === platform.value &&
      (!device.imei || !imei?.value || device.imei === imei.value),
  )
  return fitting.length === 1 ? fitting[0] : undefined
}
