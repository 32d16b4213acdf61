/**
 * What the work costs this process, in milliseconds of processor time. For attacks: hostile input must cost little, however
 * busy the machine is with something else.
 */
export async function effortOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
