import { type Language, spokenLanguage } from './language.ts'

const en = {
  oneMoment: 'One moment…',
  tryAgain: 'Try again',
  cancel: 'Cancel',
  signIn: 'Sign in',
  signOut: 'Sign out',
  userName: 'User name or mail address',
  password: 'Password',
  wrong: 'User name or password is wrong.',
  wrongMore: 'Capital letters count in the password. If you forgot it, ask your help desk.',
  tooMany: 'Too many wrong passwords.',
  wait: (seconds: number) => `You can try again in ${seconds} s.`,
  waited: 'You can try again now.',
  ended: 'Your session has ended',
  signInAgain: 'Sign in again to go on where you were.',
  pageFault: 'something went wrong in this page',
  noAnswer: 'the server does not answer',
  noAnswerMore: 'Is it running, and is there a way to it?',
  unreadable: 'the answer could not be read',
}

const de: typeof en = {
  oneMoment: 'Einen Moment…',
  tryAgain: 'Noch einmal versuchen',
  cancel: 'Abbrechen',
  signIn: 'Anmelden',
  signOut: 'Abmelden',
  userName: 'Benutzername oder E-Mail-Adresse',
  password: 'Kennwort',
  wrong: 'Benutzername oder Kennwort ist falsch.',
  wrongMore:
    'Im Kennwort zählen Groß- und Kleinbuchstaben. Haben Sie es vergessen, fragen Sie Ihren Helpdesk.',
  tooMany: 'Zu viele falsche Kennwörter.',
  wait: (seconds) => `In ${seconds} s können Sie es wieder versuchen.`,
  waited: 'Sie können es jetzt wieder versuchen.',
  ended: 'Ihre Sitzung ist beendet',
  signInAgain: 'Melden Sie sich wieder an, um dort weiterzumachen, wo Sie waren.',
  pageFault: 'auf dieser Seite ist etwas schiefgegangen',
  noAnswer: 'der Server antwortet nicht',
  noAnswerMore: 'Läuft er, und gibt es einen Weg zu ihm?',
  unreadable: 'die Antwort war nicht zu lesen',
}

/** What all pages say, by language. */
export const looksSaid: Readonly<Record<Language, typeof en>> = { en, de }

/** The same in the language that the page speaks. */
export const said = (): typeof en => looksSaid[spokenLanguage()]
