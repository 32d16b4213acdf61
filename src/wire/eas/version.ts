/** Every protocol version of EAS, oldest first. */
export const easVersions = ['2.5', '12.0', '12.1', '14.0', '14.1', '16.0', '16.1'] as const

/** A protocol version, spelled as MS-ASProtocolVersion has it. */
export type EasVersion = (typeof easVersions)[number]

/** True when `version` is `other` or newer. */
export function atLeast(version: EasVersion, other: EasVersion): boolean {
  return easVersions.indexOf(version) >= easVersions.indexOf(other)
}

/** The version of this spelling, as MS-ASProtocolVersion has it. */
export function easVersion(text: string): EasVersion | undefined {
  return easVersions.find((version) => version === text)
}

/** All versions up to and including the newest one given: for MS-ASProtocolVersions. */
export function versionsUpTo(newest: EasVersion): readonly EasVersion[] {
  return easVersions.filter((version) => atLeast(newest, version))
}
