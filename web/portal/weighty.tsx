import type { ReactNode } from 'react'

/** A text in which `**` stands around what is said with weight. */
export function Weighty({ text }: { text: string }): ReactNode {
  return text
    .split('**')
    .map((part, at) => (at % 2 === 1 ? <strong key={part}>{part}</strong> : part))
}
