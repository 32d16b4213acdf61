import type { ColumnDefinitionBuilder } from 'kysely'

/**
 * What differs between the two engines: a capability table, never a fork. All other SQL is one subset: text ids,
 * integers for booleans and for moments, JSON as text, `on conflict`, `returning`, CTEs and window functions.
 */
export interface Profile {
  readonly engine: 'sqlite' | 'postgres'
  /** Column type of whole numbers that hold milliseconds: always read back as a JS number. */
  readonly instant: 'integer' | 'bigint'
  /** Turns an `instant` column into a primary key that numbers its rows, upwards and never twice. */
  sequence(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder
  /** Several nodes may write at once, so whoever claims rows passes over those that another is claiming. */
  readonly skipLocked: boolean
}

export const sqliteProfile: Profile = {
  engine: 'sqlite',
  instant: 'integer',
  // Without `autoincrement` SQLite would give a pruned number out again, and cursors would skip the new entry.
  sequence: (column) => column.primaryKey().autoIncrement(),
  skipLocked: false,
}

export const postgresProfile: Profile = {
  engine: 'postgres',
  instant: 'bigint',
  sequence: (column) => column.primaryKey().generatedAlwaysAsIdentity(),
  skipLocked: true,
}
