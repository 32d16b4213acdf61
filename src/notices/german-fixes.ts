import type { Fix } from '../compliance/catalogue.ts'
import type { FixWords } from './wording.ts'

/** Words in German for what puts findings right. */
export const germanFixes: Readonly<Record<Fix, FixWords>> = {
  setPassword: {
    title: 'Kein Kennwort',
    howToResolve: 'Legen Sie in den Sicherheitseinstellungen des Geräts PIN oder Kennwort fest.',
  },
  strengthenPassword: {
    title: 'Das Kennwort ist zu schwach',
    howToResolve:
      'Wählen Sie in den Sicherheitseinstellungen eine neue PIN oder ein neues Kennwort, das genügt.',
  },
  setLockTime: {
    title: 'Das Gerät sperrt zu spät',
    howToResolve:
      'Wählen Sie in den Einstellungen für Anzeige oder Sicherheit eine kürzere Zeit bis zur Sperre.',
  },
  encryptStorage: {
    title: 'Der Speicher ist nicht verschlüsselt',
    howToResolve:
      'Schalten Sie die Verschlüsselung in den Sicherheitseinstellungen ein; unter Windows ist es BitLocker.',
  },
  updateSystem: {
    title: 'Das System ist zu alt',
    howToResolve: 'Installieren Sie die neueste Aktualisierung des Systems.',
  },
  useSupportedSystem: {
    title: 'Diese Version des Systems ist nicht erlaubt',
    howToResolve:
      'Fragen Sie Ihren Administrator, welche es sind. Eine neuere ist vielleicht noch nicht freigegeben.',
  },
  installUpdates: {
    title: 'Aktualisierungen fehlen',
    howToResolve:
      'Installieren Sie, was wartet, und schalten Sie automatische Aktualisierungen ein.',
  },
  restoreSystem: {
    title: 'Das System wurde verändert',
    howToResolve: 'Stellen Sie das ursprüngliche System des Herstellers wieder her.',
  },
  enableBootSecurity: {
    title: 'Ein Schutz der Hardware ist aus',
    howToResolve:
      'Schalten Sie ihn in den Sicherheitseinstellungen von Windows oder in der Firmware ein, und starten Sie das Gerät neu.',
  },
  enableSystemProtection: {
    title: 'Der Schutz des Systems ist aus',
    howToResolve:
      'Bitten Sie Ihren Administrator, den Systemintegritätsschutz wieder einzuschalten.',
  },
  enableFirewall: {
    title: 'Die Firewall schützt nicht genug',
    howToResolve: 'Öffnen Sie die Einstellungen der Firewall und schalten Sie dies ein.',
  },
  enableAntivirus: {
    title: 'Der Virenschutz ist aus oder veraltet',
    howToResolve:
      'Öffnen Sie den Virenschutz des Geräts, schalten Sie ihn ein und aktualisieren Sie ihn.',
  },
  removeThreat: {
    title: 'Das Gerät ist womöglich bedroht',
    howToResolve:
      'Öffnen Sie die Schutz-App, tun Sie, was sie empfiehlt, und lassen Sie sie neu berichten.',
  },
  removeApp: {
    title: 'Es ist etwas installiert, was nicht erlaubt ist',
    howToResolve: 'Entfernen Sie es vom Gerät.',
  },
  restrictAppSources: {
    title: 'Apps dürfen von überall kommen',
    howToResolve:
      'Erlauben Sie in den Sicherheitseinstellungen nur Apps aus dem offiziellen Store.',
  },
  disableDebugging: {
    title: 'Debugging ist an',
    howToResolve: 'Schalten Sie USB-Debugging in den Entwickleroptionen aus.',
  },
  repairStoreServices: {
    title: 'Der Schutz des App-Stores arbeitet nicht',
    howToResolve:
      'Öffnen Sie den Play Store, aktualisieren Sie ihn und schalten Sie das Prüfen von Apps ein.',
  },
  repairManagementApp: {
    title: 'Die Verwaltungs-App ist beschädigt',
    howToResolve: 'Entfernen Sie sie und installieren Sie sie neu aus dem Store.',
  },
  installMailProfile: {
    title: 'Das E-Mail-Konto ist von Hand eingerichtet',
    howToResolve:
      'Entfernen Sie das E-Mail-Konto vom Gerät. Ihre Organisation richtet es dann neu ein.',
  },
  registerDevice: {
    title: 'Das Gerät ist nicht registriert',
    howToResolve: 'Öffnen Sie die Seite unten auf dem Gerät und registrieren Sie es.',
  },
  reportDevice: {
    title: 'Das Gerät hat sich zu lange nicht gemeldet',
    howToResolve:
      'Bringen Sie das Gerät ins Netz und öffnen Sie einmal seine Verwaltungs-App oder die Seite unten.',
  },
  askAdministrator: {
    title: 'Eine Regel ist nicht erfüllt',
    howToResolve: 'Fragen Sie Ihren Administrator, was diese Regel verlangt.',
  },
}
