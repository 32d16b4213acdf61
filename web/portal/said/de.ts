import type { Said } from './en.ts'

/** What the portal says, in German. */
export const de: Said = {
  title: 'Ihre Geräte für E-Mail',
  page: 'Ihre Geräte',
  signInHint: 'Melden Sie sich mit Name und Kennwort Ihres E-Mail-Kontos an.',
  linkExpired:
    'Dieser Link ist abgelaufen oder war für jemand anderen bestimmt. Ihre eigenen Geräte stehen unten.',

  states: {
    none: 'Noch keine E-Mail',
    unknown: 'Noch nicht entschieden',
    allowed: 'Bekommt E-Mail',
    blocked: 'Gesperrt',
    quarantined: 'E-Mail wartet',
    deviceDiscovery: 'Wird erkannt',
  },
  steps: { done: 'Erledigt', open: 'Zu tun', waiting: 'Wartet' },
  showSteps: 'Schritte zeigen',
  firstSeen: (moment) => `zuerst gesehen ${moment}`,

  blocked:
    '**Dieses Gerät bekommt keine E-Mail.** Sie oder ein Administrator haben es gesperrt. War das ein Versehen, bitten Sie Ihren Helpdesk, es zurückzunehmen.',
  notForLong:
    '**E-Mail kommt noch, aber nicht mehr lange.** Ihre Organisation beobachtet vorerst nur; bald hält sie hier E-Mail zurück.',
  until: 'E-Mail kommt bis',
  beforeThat: 'Bringen Sie bis dahin in Ordnung, was unten steht.',
  allDone: 'Alles erledigt: Auf dieses Gerät kommt E-Mail.',
  comes: 'Auf dieses Gerät kommt E-Mail.',
  byItself: 'Sie kommt von selbst, innerhalb von Minuten. Sie müssen nichts tun.',

  enrollment: 'Gerät registrieren',
  compliance: 'Regeln erfüllen',
  activation: 'E-Mail freischalten',

  yours: (name) => `Dieses Gerät gehört Ihnen und heißt hier **${name}**.`,
  isItYours: 'Ist das Ihr Gerät? Seine Kennung für E-Mail ist',
  whereToFind: 'Sie finden sie in den Kontoeinstellungen der E-Mail-App.',
  mine: 'Ja, es ist meines',
  notMine: 'Nein, es ist nicht meines',
  notYours: 'Nicht Ihr Gerät?',
  blockIt: 'Sperren',
  somebodyKnows:
    'Es hat sich mit Ihrem Namen und Kennwort angemeldet, also kennt sie noch jemand. Es wird sofort von Ihrer E-Mail ausgeschlossen; nur ein Administrator kann das zurücknehmen.',
  changePassword: '**Ändern Sie danach Ihr Kennwort, und sagen Sie Ihrem Helpdesk Bescheid.**',
  newDevice: 'Ein neues Gerät',
  whichDevice: 'Welches Gerät ist es?',
  afterReset: '(nach dem Zurücksetzen oder mit einer anderen E-Mail-App)',

  afterEnrollment: 'Wird geprüft, sobald das Gerät registriert ist.',
  afterChange:
    'Öffnen Sie nach einer Änderung einmal die E-Mail-App auf dem Gerät: Es meldet seinen neuen Zustand, wenn es nach E-Mail sieht.',
  checking: 'Wird geprüft…',
  check: 'Jetzt prüfen',
  things: (count) =>
    count === 1
      ? 'Eines muss in Ordnung gebracht werden:'
      : `${count} Dinge müssen in Ordnung gebracht werden:`,
  meets: 'Dieses Gerät erfüllt die Regeln Ihrer Organisation.',
  unchecked:
    'Die Regeln wurden auf diesem Gerät noch nicht geprüft. Das dauert ein paar Minuten; so lange kann E-Mail warten.',
  checkedStill: 'Eben geprüft: noch nicht in Ordnung.',
  checkedWell: 'Eben geprüft: alles in Ordnung.',
  checked: 'Eben geprüft.',
  found: 'Gefunden',
  needed: 'Verlangt',
  howToResolve: 'So bringen Sie es in Ordnung',

  onceConfirmed: 'Geschieht von selbst, sobald Sie das Gerät bestätigen.',
  bound: 'Das E-Mail-Konto auf diesem Gerät ist mit ihm verbunden.',
  approval: 'Ihr Teil ist getan: Ein Administrator muss das Gerät noch freigeben.',
  notBound: 'Das E-Mail-Konto auf diesem Gerät ist noch nicht mit ihm verbunden.',

  noDevice: 'Noch kein Gerät',
  addAccount:
    'Öffnen Sie die Einstellungen Ihres Telefons oder Tablets und fügen Sie ein E-Mail-Konto der Art **Exchange** hinzu (unter Android: **Exchange und Office 365** oder **Geschäftlich**):',
  address: 'E-Mail-Adresse',
  server: 'Server',
  userName: 'Benutzername',
  password: 'Kennwort',
  samePassword: 'das, mit dem Sie sich hier angemeldet haben',
  appears: 'Das Gerät erscheint hier wenige Sekunden nach seiner ersten Verbindung.',

  setUp: 'E-Mail auf einem iPhone oder iPad einrichten',
  prepared:
    'Ihre Organisation hat das Konto vorbereitet. Öffnen Sie diese Seite auf dem Gerät selbst, laden Sie das Profil und installieren Sie es unter **Einstellungen**, **Profil geladen**. Dabei wird Ihr Kennwort verlangt.',
  load: (name) => `„${name}“ laden`,
  byHand:
    'Ein Konto für dasselbe Postfach, das Sie von Hand eingerichtet haben, muss vorher gelöscht werden.',
  removal: (name) => `${name} entfernen`,
  removeProfile: (name) => `Das E-Mail-Profil „${name}“ entfernen`,
  howToRemove:
    'Es ist nicht mehr für Sie bestimmt. Öffnen Sie auf dem Gerät **Einstellungen**, **Allgemein**, **VPN und Geräteverwaltung**, wählen Sie es und entfernen Sie es; seine E-Mail verlässt das Gerät mit ihm.',
  removed: 'Ich habe es entfernt',
}
