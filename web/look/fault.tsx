import type { ReactNode } from 'react'
import { Refused } from './api.ts'
import { said } from './said.ts'

/** What went wrong, with the code and the id to ask the administrator about. */
export function Fault({ thrown, hint = false }: { thrown: unknown; hint?: boolean }): ReactNode {
  if (thrown === undefined) return null
  const { text, whatToDo, code, id } = told(thrown)
  return (
    <div className="fault" role="alert">
      <p>{text}</p>
      {hint && whatToDo && <p>{whatToDo}</p>}
      {code && (
        <p className="reference">
          {code}
          {id && ` · id ${id}`}
        </p>
      )}
    </div>
  )
}

function told(thrown: unknown): { text: string; whatToDo: string; code: string; id: string } {
  if (thrown instanceof Refused) {
    const { message, hint, code, id } = thrown
    return { text: sentence(message), whatToDo: hint, code, id }
  }
  const text = thrown instanceof Error ? thrown.message : said().pageFault
  return { text: sentence(text), whatToDo: '', code: '', id: '' }
}

/** The server says details in the middle of a sentence. */
const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
