import type { ReactNode } from 'react'
import type { ExplanationBody, Issue } from '../../src/graph/contract.ts'
import { Moment } from '../look/moment.tsx'
import { reasonName } from './words.ts'

/** Which reasons the decision has now, and when time alone may change it. */
export function Why(properties: { explanation: ExplanationBody; title?: string }): ReactNode {
  const { explanation, title = 'Why' } = properties
  const { reasons, recheckAt } = explanation
  return (
    <section>
      <h2>{title}</h2>
      <ul className="reasons">
        {reasons.map((reason) => (
          <li key={`${reason.code} ${reason.policy}`}>
            {nameOf(reason)}
            {reason.policy && <span className="quiet"> · {reason.policy}</span>}
            <Values measured={reason.measured} required={reason.required} />
          </li>
        ))}
      </ul>
      {recheckAt && (
        <p className="quiet">
          Judged again on <Moment iso={recheckAt} />.
        </p>
      )}
    </section>
  )
}

/** An administrator's word for a reason; the words for its user are for those that are about one rule. */
const nameOf = ({ code, title }: ExplanationBody['reasons'][number]): string => {
  const name = reasonName(code)
  return name === code ? title : name
}

/** What would change a refusal, as its user is told it: by the findings, where there are some. */
export function Remedies(properties: {
  explanation: ExplanationBody
  issues: readonly Issue[]
}): ReactNode {
  const { explanation, issues } = properties
  if (explanation.judged === 'allow') return null
  const ways = issues.length > 0 ? issues.map((issue) => issue.howToResolve) : wordsOf(explanation)
  return (
    <section>
      <h2>What would let it in</h2>
      <ul>
        {[...new Set(ways)].map((way) => (
          <li key={way}>{way}</li>
        ))}
      </ul>
    </section>
  )
}

const wordsOf = ({ reasons }: ExplanationBody): readonly string[] =>
  reasons.map(({ whatToDo }) => whatToDo)

/** What the compliance policies miss. */
export function Findings({ issues }: { issues: readonly Issue[] }): ReactNode {
  if (issues.length === 0) return null
  return (
    <section>
      <h2>Findings</h2>
      <ul className="findings">
        {issues.map((issue) => (
          <li key={issue.rule}>
            <strong>{issue.title}</strong>
            <Values measured={issue.measured} required={issue.required} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Values(properties: {
  measured: string | undefined
  required: string | undefined
}): ReactNode {
  const { measured, required } = properties
  if (measured === undefined || required === undefined) return null
  return (
    <span className="values">
      Found {measured}, needed {required}
    </span>
  )
}

/** Every step that was asked, and what it saw. */
export function Trail({ steps }: { steps: ExplanationBody['steps'] }): ReactNode {
  return (
    <details className="steps">
      <summary>Step by step</summary>
      <ol className="trail">
        {steps.map((step) => (
          <li key={step.step} className={step.matched ? 'matched' : ''}>
            <span className="step">{step.step}</span>
            <span className="quiet">{step.because}</span>
          </li>
        ))}
      </ol>
    </details>
  )
}
