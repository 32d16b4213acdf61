import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { said } from './said.ts'

/** A question in front of the page. Esc answers like `close`; the focus stays inside and returns afterwards. */
export function Dialog(properties: {
  title: string
  /** Without it the dialog cannot be left but by its own buttons. */
  close?: () => void
  wide?: boolean
  children: ReactNode
}): ReactNode {
  const { title, close, wide = false, children } = properties
  const element = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  // Closed while it still stands in the page: only then the focus returns to where it came from.
  useLayoutEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    // It gives the focus to its first element otherwise.
    dialog?.querySelector<HTMLElement>('[data-focus="true"]')?.focus()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={element}
      className={`sheet dialog ${wide ? 'wide' : ''}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault()
        close?.()
      }}
    >
      <h1 id={titleId}>{title}</h1>
      {children}
    </dialog>
  )
}

/** A yes-or-no question about something that cannot be taken back easily. */
export function Confirm(properties: {
  title: string
  action: string
  busy?: boolean
  children: ReactNode
  confirm(): void
  close(): void
}): ReactNode {
  const { title, action, busy = false, children, confirm, close } = properties
  return (
    <Dialog title={title} close={close}>
      {children}
      <div className="answers">
        <button type="button" className="button" onClick={close}>
          {said().cancel}
        </button>
        <button type="button" className="button grave" disabled={busy} onClick={confirm}>
          {action}
        </button>
      </div>
    </Dialog>
  )
}
