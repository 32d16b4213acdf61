/** Languages that pages speak. */
export const languages = ['en', 'de'] as const
export type Language = (typeof languages)[number]

let spoken: Language = 'en'
let locale: string | undefined

/** The first of these tags (BCP 47) that pages speak; English where they speak none. */
export function pick(tags: readonly string[]): {
  readonly language: Language
  readonly tag: string
} {
  for (const tag of tags) {
    const language = languages.find((one) => tag.toLowerCase().split('-')[0] === one)
    if (language) return { language, tag }
  }
  return { language: 'en', tag: 'en' }
}

/** Has the page speak the first of these that it can, from its next drawing on. */
export function speak(tags: readonly string[]): void {
  const { language, tag } = pick(tags)
  spoken = language
  locale = tag
  document.documentElement.lang = language
}

/** What the page speaks: English until it is told otherwise. */
export const spokenLanguage = (): Language => spoken

/** How it writes moments: as the browser does until it is told otherwise. */
export const spokenLocale = (): string | undefined => locale
