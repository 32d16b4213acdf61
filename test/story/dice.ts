/** Numbers below `sides`, the same again for the same seed. */
export function createDice(seed: number): (sides: number) => number {
  let state = seed >>> 0
  return (sides) => {
    // The mixing of MurmurHash3's finaliser over a counter: even, and in no order that a test could fall in step with.
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    mixed = (mixed ^ (mixed >>> 16)) >>> 0
    return Math.floor((mixed / 2 ** 32) * sides)
  }
}
