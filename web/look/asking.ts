import { useEffect, useRef, useState } from 'react'
import { call } from './api.ts'
import type { Reading } from './reading.ts'

/**
 * What the server says to `body`, asked again when that changes and at each new `tick`, which is the page's own wish;
 * nothing while it is undefined. An answer to another question than the last is not shown.
 */
export function useAsking<T>(
  path: string,
  body: object | undefined,
  tick = 0,
): Pick<Reading<T>, 'value' | 'thrown'> {
  const [answer, setAnswer] = useState<{ of: string; value?: T; thrown?: unknown }>()
  const last = useRef(tick)
  const asked = JSON.stringify(body)
  useEffect(() => {
    const unattended = last.current !== tick
    last.current = tick
    if (asked === undefined) return undefined
    let isCurrent = true
    const question = JSON.parse(asked) as object // written above
    call<T>('POST', path, question, { unattended }).then(
      (value) => isCurrent && setAnswer({ of: asked, value }),
      (thrown: unknown) => isCurrent && setAnswer({ of: asked, thrown }),
    )
    return () => {
      isCurrent = false
    }
  }, [path, asked, tick])
  const current = answer?.of === asked ? answer : undefined
  return { value: current?.value, thrown: current?.thrown }
}
