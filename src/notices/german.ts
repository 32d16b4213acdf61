import { germanFixes } from './german-fixes.ts'
import { sayTime, type Words } from './wording.ts'

const onOff = (value: string | number | boolean) =>
  value === true ? 'an' : value === false ? 'aus' : String(value)

const nothingToDo = 'Sie müssen nichts tun.'

const reasons: Words['reasons'] = {
  notEnrolled: {
    title: 'Ihre E-Mail wartet: Registrieren Sie dieses Gerät',
    explanation:
      'E-Mail Ihrer Organisation geht nur an registrierte Geräte, und dieses ist es noch nicht.',
    whatToDo:
      'Öffnen Sie die Seite unten auf dem Gerät, melden Sie sich an und bestätigen Sie, dass das Gerät Ihnen gehört. Es dauert ein, zwei Minuten.',
  },
  notCompliant: {
    title: 'Ihre E-Mail wartet: Dieses Gerät ist nicht in Ordnung',
    explanation:
      'Das Gerät erfüllt eine Regel für E-Mail nicht. Nichts geht verloren: Sobald es sie erfüllt, kommt die E-Mail von selbst wieder.',
    whatToDo:
      'Bringen Sie in Ordnung, was hier steht; öffnen Sie dann die Seite unten und lassen Sie das Gerät prüfen.',
  },
  notActivated: {
    title: 'Ihre E-Mail wartet: Ein Schritt fehlt noch',
    explanation:
      'Ihr Gerät ist registriert, aber dieses E-Mail-Konto ist noch nicht mit ihm verbunden.',
    whatToDo:
      'Öffnen Sie die Seite unten auf dem Gerät und bestätigen Sie, dass dieses E-Mail-Konto Ihres ist.',
  },
  approvalPending: {
    title: 'Ihr Gerät wartet auf Freigabe',
    explanation:
      'Das Gerät ist in Ordnung. Ein Administrator muss es freigeben, bevor E-Mail darauf ankommt.',
    whatToDo: `${nothingToDo} Nach der Freigabe kommt E-Mail von selbst.`,
  },
  exchangeGlobalRule: {
    title: 'Ihr Gerät wartet auf seine Freigabe',
    explanation: 'Ihre Organisation hält E-Mail auf Geräten zurück, die sie nicht freigegeben hat.',
    whatToDo:
      'Bitten Sie Ihren Administrator, das Gerät freizugeben. Die Angaben unten helfen, es zu finden.',
  },
  exchangeDeviceRule: {
    title: 'Auf Geräten dieser Art wird E-Mail zurückgehalten',
    explanation: 'Eine Regel Ihrer Organisation betrifft Geräte dieser Art.',
    whatToDo:
      'Fragen Sie Ihren Administrator, ob Sie das Gerät benutzen dürfen, oder richten Sie ein anderes ein.',
  },
  exchangeIndividualRule: {
    title: 'Auf diesem Gerät wird E-Mail zurückgehalten',
    explanation: 'Ein Administrator hat das für dieses eine Gerät entschieden.',
    whatToDo:
      'Wissen Sie nicht, warum, fragen Sie Ihren Administrator. Die Angaben unten helfen, das Gerät zu finden.',
  },
  userAgentsChanges: {
    title: 'Ihre E-Mail-App nennt sich immer wieder anders',
    explanation:
      'Die App hat sich in kurzer Zeit so viele Namen gegeben, dass sie eine Weile ausgeschlossen ist.',
    whatToDo:
      'E-Mail kommt von selbst wieder. Geschieht es noch einmal, richten Sie das Konto in einer anderen App ein.',
  },
  recentCommands: {
    title: 'Ihre E-Mail-App fragt zu oft',
    explanation:
      'Die App hat in kurzer Zeit so viele Anfragen geschickt, dass sie eine Weile ausgeschlossen ist.',
    whatToDo:
      'E-Mail kommt von selbst wieder. Geschieht es noch einmal, entfernen Sie das Konto aus der App und fügen es neu hinzu.',
  },
  syncCommands: {
    title: 'Ihre E-Mail-App gleicht zu oft ab',
    explanation:
      'Die App hat so oft nach Änderungen gefragt, dass sie eine Weile ausgeschlossen ist.',
    whatToDo:
      'E-Mail kommt von selbst wieder. Geschieht es noch einmal, entfernen Sie das Konto aus der App und fügen es neu hinzu.',
  },
  watsons: {
    title: 'Ihre E-Mail-App läuft auf Fehler',
    explanation:
      'Die App zu bedienen ist in kurzer Zeit so oft gescheitert, dass sie eine Weile ausgeschlossen ist.',
    whatToDo:
      'E-Mail kommt von selbst wieder. Geschieht es noch einmal, sagen Sie Ihrem Administrator Bescheid.',
  },
  exchangeMailboxPolicy: {
    title: 'Das Gerät hat die Sicherheitseinstellungen nicht angenommen',
    explanation:
      'E-Mail Ihrer Organisation verlangt vom Gerät ein paar Einstellungen, etwa eine Bildschirmsperre, und das Gerät hat sie nicht angewandt.',
    whatToDo:
      'Nehmen Sie sie an, wenn das Gerät danach fragt. Fragt es nicht, entfernen Sie das E-Mail-Konto vom Gerät und fügen es neu hinzu.',
  },
  deviceDiscovery: {
    title: 'Ihre E-Mail kommt gleich',
    explanation: 'Das Gerät ist hier neu und hat noch nicht gesagt, was es ist.',
    whatToDo: `${nothingToDo} Es dauert höchstens ein paar Minuten.`,
  },
  unsupportedPlatform: {
    title: 'Auf Geräten dieser Art gibt es keine E-Mail Ihrer Organisation',
    explanation:
      'Ihre Organisation gibt E-Mail nur an einige Arten von Geräten, und dieses gehört nicht dazu.',
    whatToDo:
      'Benutzen Sie ein Gerät einer unterstützten Art. Ihr Administrator kann Ihnen sagen, welche das sind.',
  },
  domainJoined: {
    title: 'Der Computer gehört zur Domäne',
    explanation: 'Er gehört zur Domäne Ihrer Organisation, und mehr wird nicht verlangt.',
    whatToDo: nothingToDo,
  },
  notDomainJoined: {
    title: 'E-Mail gibt es nur auf Computern Ihrer Organisation',
    explanation: 'Nur Computer, die zur Domäne Ihrer Organisation gehören, bekommen E-Mail.',
    whatToDo:
      'Benutzen Sie einen solchen Computer, oder bitten Sie Ihren Administrator, diesen aufzunehmen.',
  },
  azureADBlockDueToAccessPolicy: {
    title: 'Hier darf E-Mail nicht gelesen werden',
    explanation:
      'Eine Richtlinie Ihrer Organisation gibt dieser App, diesem Gerät oder diesem Ort keine E-Mail.',
    whatToDo:
      'Benutzen Sie ein anderes Gerät oder eine andere App, oder fragen Sie Ihren Administrator. Die Angaben unten helfen herauszufinden, warum.',
  },
  mfaRequired: {
    title: 'Diese E-Mail-App kann nicht bestätigen, wer Sie sind',
    explanation:
      'Ihre Organisation verlangt einen zweiten Beweis dafür, wer Sie sind, und auf diesem Weg zur E-Mail ist dafür kein Platz.',
    whatToDo:
      'Benutzen Sie eine andere E-Mail-App, oder fragen Sie Ihren Administrator, welche geeignet sind.',
  },
  userDisabled: {
    title: 'Ihr Konto ist abgeschaltet',
    explanation:
      'Ein Administrator hat das Konto deaktiviert, also bekommt kein Gerät seine E-Mail.',
    whatToDo: 'Fragen Sie Ihren Administrator.',
  },
  easDisabled: {
    title: 'E-Mail auf Telefonen ist für Ihr Postfach abgeschaltet',
    explanation: 'Ihr Postfach darf nicht mit E-Mail-Apps von Telefonen benutzt werden.',
    whatToDo: 'Fragen Sie Ihren Administrator, ob sich das ändern lässt.',
  },
  compliant: {
    title: 'Das Gerät ist in Ordnung',
    explanation: 'Es ist registriert und erfüllt die Regeln.',
    whatToDo: nothingToDo,
  },
  inGracePeriod: {
    title: 'Das Gerät muss bald in Ordnung gebracht werden',
    explanation: 'Es erfüllt eine Regel nicht, hat aber noch Zeit dafür. Bis dahin kommt E-Mail.',
    whatToDo: 'Bringen Sie in Ordnung, was hier steht, bevor die Zeit um ist.',
  },
  observing: {
    title: 'Noch wird nichts durchgesetzt',
    explanation: 'Ihre Organisation beobachtet vorerst nur; E-Mail kommt, was auch gefunden wird.',
    whatToDo: nothingToDo,
  },
  behind: {
    title: 'E-Mail wird einen Moment zurückgehalten',
    explanation: 'Der Server holt Änderungen nach und lässt so lange nichts durch.',
    whatToDo: `${nothingToDo} Dauert es länger als ein paar Minuten, sagen Sie Ihrem Administrator Bescheid.`,
  },
  internal: {
    title: 'Bei uns ist etwas schiefgegangen',
    explanation:
      'Ein Fehler hat den Server daran gehindert zu entscheiden, also hat er nichts durchgelassen.',
    whatToDo: 'Sagen Sie Ihrem Administrator Bescheid, wenn es andauert.',
  },
  other: {
    title: 'Keine Regel betrifft dieses Gerät',
    explanation: 'Es wird nichts von ihm verlangt.',
    whatToDo: nothingToDo,
  },
  unknown: {
    title: 'Auf diesem Gerät wird E-Mail zurückgehalten',
    explanation: 'Der Server hat noch nicht darüber entschieden.',
    whatToDo:
      'Versuchen Sie es in ein paar Minuten wieder, und fragen Sie dann Ihren Administrator.',
  },
}

const longAgo = 'Was es vor langer Zeit gesagt hat, beweist nichts über heute.'
const report =
  'Bringen Sie das Gerät ins Netz und öffnen Sie einmal seine Verwaltungs-App oder die Seite unten.'
const madeByHand = (value: string | number | boolean) =>
  value === true ? 'von Ihrer Organisation' : value === false ? 'von Hand' : String(value)

const rules: Words['rules'] = {
  passwordRequired: {
    title: 'Keine Bildschirmsperre',
    explanation: 'Das Gerät muss nach PIN oder Kennwort fragen, bevor es sich öffnet.',
    howToResolve: 'Legen Sie in den Sicherheitseinstellungen des Geräts PIN oder Kennwort fest.',
    say: onOff,
  },
  storageRequireEncryption: {
    title: 'Der Speicher ist nicht verschlüsselt',
    explanation: 'Was auf dem Gerät liegt, darf niemand lesen können, wenn es verloren geht.',
    howToResolve:
      'Schalten Sie die Verschlüsselung in den Sicherheitseinstellungen ein. Auf iPhone und iPad genügt ein Code.',
    say: onOff,
  },
  osMinimumVersion: {
    title: 'Das System ist zu alt',
    explanation: 'Ältere Versionen haben bekannte Schwächen.',
    howToResolve: 'Installieren Sie die neueste Aktualisierung des Systems.',
  },
  securityBlockJailbrokenDevices: {
    title: 'Das Gerät ist entsperrt (Jailbreak oder Root)',
    explanation:
      'Der Schutz, den der Hersteller eingebaut hat, ist entfernt; keiner anderen Regel ist dann zu trauen.',
    howToResolve: 'Stellen Sie das ursprüngliche System des Herstellers wieder her.',
    say: (value) =>
      value === true
        ? 'Jailbreak oder Root'
        : value === false
          ? 'ursprüngliches System'
          : String(value),
  },
  managedEmailProfileRequired: {
    title: 'Das E-Mail-Konto ist von Hand eingerichtet',
    explanation:
      'Das Konto muss von Ihrer Organisation kommen, damit sie es wieder entfernen kann.',
    howToResolve:
      'Entfernen Sie das E-Mail-Konto vom Gerät. Ihre Organisation richtet es dann neu ein.',
    say: madeByHand,
    where: {
      noProfile: {
        title: 'Für Sie ist kein E-Mail-Profil bestimmt',
        explanation:
          'Ihre Organisation richtet E-Mail-Konten selbst ein und hat Sie bisher ausgelassen.',
        howToResolve:
          'Bitten Sie Ihren Administrator, einer Ihrer Gruppen ein E-Mail-Profil zuzuweisen.',
        say: (value) =>
          value === 'noProfile' ? 'kein Profil erreicht Sie' : 'von Ihrer Organisation',
      },
    },
  },
  maximumReportAgeHours: {
    title: 'Das Gerät hat sich zu lange nicht gemeldet',
    explanation: longAgo,
    howToResolve: report,
    say: (value) => (typeof value === 'number' ? `innerhalb von ${value} Stunden` : sayTime(value)),
  },
  isActive: {
    title: 'Das Gerät hat zu lange geschwiegen',
    explanation: longAgo,
    howToResolve: report,
    say: (value) => (typeof value === 'number' ? `innerhalb von ${value} Tagen` : sayTime(value)),
  },
  policyAssigned: {
    title: 'Für dieses Gerät sind keine Regeln festgelegt',
    explanation: 'Ihrer Organisation gilt ein Gerät nur mit Regeln als in Ordnung.',
    howToResolve: 'Bitten Sie Ihren Administrator, eine Compliance-Richtlinie zuzuweisen.',
  },
}

/** What is said to people in German. */
export const german: Words = {
  reasons,
  rules,
  fixes: germanFixes,
  // Settings are called what Intune calls them, and that has English names only.
  demanded: (title) => `Ihre Organisation verlangt das (Einstellung „${title}“).`,
  unknownRule: {
    title: 'Eine Regel ist nicht erfüllt',
    explanation: 'Das Gerät erfüllt eine Regel Ihrer Organisation nicht.',
    howToResolve: 'Fragen Sie Ihren Administrator, was diese Regel verlangt.',
  },
  states: {
    unknown: 'nicht entschieden',
    allowed: 'erlaubt',
    blocked: 'gesperrt',
    quarantined: 'zurückgehalten',
    deviceDiscovery: 'wird erkannt',
  },
  notReported: 'nicht gemeldet',
  notEvaluated: 'nicht prüfbar',
  yes: 'ja',
  no: 'nein',
  unknown: 'nicht bekannt',
  labels: {
    model: 'Modell',
    type: 'Art',
    id: 'Gerätekennung',
    operatingSystem: 'System',
    userAgent: 'E-Mail-App',
    imei: 'IMEI',
    easVersion: 'EAS-Version',
    accessState: 'Zugang',
    accessStateReason: 'Grund',
    sentAt: 'Gesendet',
    sentTo: 'Gesendet an',
  },
  issues: 'Was in Ordnung zu bringen ist',
  found: 'Gefunden',
  needed: 'Verlangt',
  openPage: 'Die Seite dieses Geräts öffnen',
  deviceTitle: 'Das Gerät, um das es geht',
  hello: (name) => `Guten Tag ${name},`,
  footer: 'Diese Nachricht hat Ihr Mail-Gateway geschrieben. Antworten darauf liest niemand.',
  administrator: {
    subject: (user, state) => `Gerät von ${user}: E-Mail ${state}`,
    explanation: (user, mail, state) => `E-Mail auf einem Gerät von ${user} (${mail}): ${state}.`,
    footer:
      'Sie bekommen dies, weil Ihre Adresse zu den Empfängern von Nachrichten über Geräte gehört.',
  },
}
