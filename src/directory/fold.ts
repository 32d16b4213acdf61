/**
 * The form in which names are compared: compatible spellings and case fall together (RFC 8265 does the same to user
 * names). Without it a second `Ａdmin` in full-width letters could stand beside `admin` in the console.
 */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase().normalize('NFKC')
}

/** Phones and browsers compose accents differently; a password is the same either way (RFC 8265 4.2). */
export function foldPassword(password: string): string {
  return password.normalize('NFC')
}
