import type { Migration } from '../store/store.ts'

/** Tables of notices. */
export type NoticesTables = {
  notice_cause: CauseRow
  notice_mail: MailRow
}

/** One reason for which one client is or was held up. */
export interface CauseRow {
  partnership: string
  /** Outcome and reason, for example `quarantine notEnrolled`. */
  cause: string
  /** The last journal entry that was heard about it: entries may come twice. */
  seq: number
  since: number
  endedAt: number | null
  /** Counts the times that it was told. */
  episode: number
  toldAt: number | null
  /** The portal link, in the clear: it only says which phone is meant, and whoever follows it still has to sign in. */
  link: string | null
  linkedAt: number | null
}

/** One mail to one address. */
export interface MailRow {
  id: string
  partnership: string
  cause: string
  episode: number
  audience: 'user' | 'administrator'
  address: string
  state: 'due' | 'sending' | 'sent' | 'refused' | 'void' | 'given up'
  tries: number
  queuedAt: number
  dueAt: number
  /** JSON of subject, text and HTML, where the mail was written by another room: `partnership` is then what it is about. */
  content: string | null
}

export const noticesMigrations: readonly Migration[] = [
  {
    id: '0008-notices',
    async up(db, profile) {
      await db.schema
        .createTable('notice_cause')
        .addColumn('partnership', 'text', (c) => c.notNull())
        .addColumn('cause', 'text', (c) => c.notNull())
        .addColumn('seq', profile.instant, (c) => c.notNull())
        .addColumn('since', profile.instant, (c) => c.notNull())
        .addColumn('endedAt', profile.instant)
        .addColumn('episode', 'integer', (c) => c.notNull())
        .addColumn('toldAt', profile.instant)
        .addColumn('link', 'text')
        .addColumn('linkedAt', profile.instant)
        .addPrimaryKeyConstraint('notice_cause_key', ['partnership', 'cause'])
        .execute()
      await db.schema
        .createTable('notice_mail')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('partnership', 'text', (c) => c.notNull())
        .addColumn('cause', 'text', (c) => c.notNull())
        .addColumn('episode', 'integer', (c) => c.notNull())
        .addColumn('audience', 'text', (c) => c.notNull())
        .addColumn('address', 'text', (c) => c.notNull())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('tries', 'integer', (c) => c.notNull())
        .addColumn('queuedAt', profile.instant, (c) => c.notNull())
        .addColumn('dueAt', profile.instant, (c) => c.notNull())
        .addUniqueConstraint('notice_mail_once', [
          'partnership',
          'cause',
          'episode',
          'audience',
          'address',
        ])
        .execute()
      await db.schema
        .createIndex('notice_mail_due')
        .on('notice_mail')
        .columns(['state', 'dueAt'])
        .execute()
    },
  },
  {
    id: '0013-notices-letters',
    async up(db) {
      await db.schema.alterTable('notice_mail').addColumn('content', 'text').execute()
    },
  },
]
