import type { Migration } from '../store/store.ts'

/** Tables of devices and partnerships. */
export type DevicesTables = {
  device: DeviceTable
  partnership: PartnershipTable
  activation: ActivationTable
}

interface DeviceTable {
  id: string
  owner: string
  ownership: string
  name: string
  channel: string
  registration: string
  enrolledAt: number
  retiredAt: number | null
  lastReportAt: number | null
  /** JSON of `Facts`. */
  facts: string
}

interface PartnershipTable {
  id: string
  user: string
  /** EAS DeviceId without regard to case; unique for each user. */
  folded: string
  easDeviceId: string
  deviceType: string
  userAgent: string
  protocolVersion: string
  /** '' where no such header came. */
  wlHeader: string
  firstSeenAt: number
  lastSeenAt: number
  lastSuccessSyncAt: number | null
  /** The last report through EAS; becomes the device's with the activation. */
  lastReportAt: number | null
  /** JSON of `Facts`. */
  facts: string
}

/**
 * The binding of a partnership to a device. Its key is the folded EAS DeviceId alone, so that the database itself lets
 * one user at a time have an id bound.
 */
interface ActivationTable {
  folded: string
  partnership: string
  device: string
  activatedAt: number
}

/** Made once, in this order, never changed once released. */
export const devicesMigrations: readonly Migration[] = [
  {
    id: '0003-devices',
    async up(db, profile) {
      const { instant } = profile
      await db.schema
        .createTable('device')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('owner', 'text', (c) => c.notNull())
        .addColumn('ownership', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('channel', 'text', (c) => c.notNull())
        .addColumn('registration', 'text', (c) => c.notNull())
        .addColumn('enrolledAt', instant, (c) => c.notNull())
        .addColumn('retiredAt', instant)
        .addColumn('lastReportAt', instant)
        .addColumn('facts', 'text', (c) => c.notNull())
        .execute()
      await db.schema.createIndex('device_owner').on('device').column('owner').execute()
      await db.schema
        .createTable('partnership')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('user', 'text', (c) => c.notNull())
        .addColumn('folded', 'text', (c) => c.notNull())
        .addColumn('easDeviceId', 'text', (c) => c.notNull())
        .addColumn('deviceType', 'text', (c) => c.notNull())
        .addColumn('userAgent', 'text', (c) => c.notNull())
        .addColumn('protocolVersion', 'text', (c) => c.notNull())
        .addColumn('firstSeenAt', instant, (c) => c.notNull())
        .addColumn('lastSeenAt', instant, (c) => c.notNull())
        .addColumn('lastSuccessSyncAt', instant)
        .addColumn('lastReportAt', instant)
        .addColumn('facts', 'text', (c) => c.notNull())
        .addUniqueConstraint('partnership_client', ['user', 'folded'])
        .execute()
      await db.schema
        .createTable('activation')
        .addColumn('folded', 'text', (c) => c.primaryKey().notNull())
        .addColumn('partnership', 'text', (c) => c.notNull().unique())
        .addColumn('device', 'text', (c) => c.notNull())
        .addColumn('activatedAt', instant, (c) => c.notNull())
        .execute()
      await db.schema.createIndex('activation_device').on('activation').column('device').execute()
    },
  },
  {
    id: '0013-devices-wl',
    async up(db) {
      await db.schema
        .alterTable('partnership')
        .addColumn('wlHeader', 'text', (c) => c.notNull().defaultTo(''))
        .execute()
    },
  },
]
