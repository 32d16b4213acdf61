/**
 * Enrollment channels through which management forces settings on the device. Over the others it only hears what is set:
 * there a setting of the class `remediated` counts like any other, since nobody sees to it.
 */
const forcing: ReadonlySet<string> = new Set(['apple', 'windows', 'android'])

/** Whether management forces settings on devices of this channel. */
export function forcesSettings(channel: string): boolean {
  return forcing.has(channel)
}
