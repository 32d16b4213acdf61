import { type Language, spokenLanguage } from '../../look/language.ts'
import { de } from './de.ts'
import { en, type Said } from './en.ts'

/** What the portal says, by language. */
export const portalSaid: Readonly<Record<Language, Said>> = { en, de }

/** The same in the language that the page speaks. */
export const said = (): Said => portalSaid[spokenLanguage()]
