/** Rows of a list, and where it goes on. */
export interface Page<T> {
  readonly value: readonly T[]
  readonly '@odata.nextLink'?: string
}

/** Behind which row the next page begins, in the server's own words; empty where none follows. */
export function tokenOf<T>(page: Page<T> | undefined): string {
  const link = page?.['@odata.nextLink']
  return link === undefined ? '' : (new URL(link).searchParams.get('$skiptoken') ?? '')
}
