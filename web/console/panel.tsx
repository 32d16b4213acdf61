import { type ReactNode, useEffect, useId, useRef } from 'react'

/** One thing of a list at length, beside the list. It takes the focus; Esc closes it. */
export function Panel(properties: {
  title: ReactNode
  /** A line below the title. */
  about?: ReactNode
  close(): void
  children: ReactNode
}): ReactNode {
  const { title, about, close, children } = properties
  const titleId = useId()
  const panel = useRef<HTMLElement>(null)
  useEffect(() => panel.current?.focus(), [])
  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      // A dialog or menu in front takes its own Esc.
      if (event.key === 'Escape' && !document.querySelector('dialog[open], details.chooser[open]'))
        close()
    }
    document.addEventListener('keydown', leave)
    return () => document.removeEventListener('keydown', leave)
  }, [close])
  return (
    <aside className="details" aria-labelledby={titleId} tabIndex={-1} ref={panel}>
      <header>
        <div>
          <h1 id={titleId}>{title}</h1>
          {about && <p className="quiet">{about}</p>}
        </div>
        <button type="button" className="button" onClick={close}>
          Close
        </button>
      </header>
      {children}
    </aside>
  )
}
