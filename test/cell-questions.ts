import assert from 'node:assert/strict'
import { assumeLocations } from '../src/conditional/analysis/assumed.ts'
import { cellsIn } from '../src/conditional/analysis/holes.ts'
import { openInquiry } from '../src/conditional/analysis/inquiry.ts'
import { classesOf, exceptionsAmong } from '../src/conditional/analysis/people.ts'
import { createWorld } from '../src/conditional/analysis/world.ts'
import { type Atom, keyOf } from '../src/conditional/atom.ts'
import { createEvaluator, type PolicySet } from '../src/conditional/conditional.ts'
import { clientAppTypes, exchangeOnline, platforms } from '../src/conditional/policy.ts'
import { and, atom, type Formula, not, or } from '../src/logic/formula.ts'
import { type SecondOpinion, smtOf } from './z3.ts'

/** Whether somebody reaches mail without a known device: for each class of users through each client on each platform. */
export interface CellQuestions {
  /** What is asked, in the order of the answers. */
  readonly names: readonly string[]
  /** As our solver answers, from the formulas on. */
  ours(): readonly boolean[]
  /** As z3 answers, which reads the plain formulas. */
  theirs(z3: SecondOpinion): Promise<readonly boolean[]>
}

/** Asks about members, about those whom no policy mentions, and about more classes where there are. */
export function cellQuestions(whole: PolicySet, classes: number): CellQuestions {
  const { set, locations } = assumeLocations(whole)
  const { prepared, known } = createEvaluator(set)
  const granted = and(
    ...prepared.map(({ applies, grant }) => or(not(applies), grant.formula)),
    is({ kind: 'app', id: exchangeOnline }),
    not(is({ kind: 'compliant' })),
    not(is({ kind: 'hybridJoined' })),
  )
  const parts = prepared.flatMap((one) => one.parts.map(({ formula }) => formula))
  const world = createWorld([granted, ...parts], { places: known.places, locations })
  const asked = classesOf(world.atoms, exceptionsAmong(prepared)).slice(0, classes)
  const whats = clientAppTypes.flatMap((client) =>
    ([...platforms, 'unknown'] as const).map((platform) => ({ client, platform })),
  )
  return {
    names: asked.flatMap(({ who }) =>
      whats.map(({ client, platform }) => `${who.kind}: ${client} on ${platform}`),
    ),
    ours() {
      const inquiry = openInquiry(world)
      const claim = inquiry.claim(granted)
      return asked.flatMap(({ is: who }) =>
        cellsIn(inquiry).map(({ demanded }) => {
          const answer = inquiry.ask([claim, inquiry.claim(who), demanded])
          assert.notEqual(answer, 'gaveUp')
          return answer === 'satisfiable'
        }),
      )
    },
    async theirs(z3) {
      const names = new Map(world.atoms.map((one, n) => [keyOf(one), `a${n}`]))
      const smt = (formula: Formula<Atom>) =>
        smtOf(formula, (one) => names.get(keyOf(one)) ?? assert.fail('an atom of no world'))
      const rows = world.sides.map(({ atoms, rows: allowed }) =>
        or(
          ...allowed.map((row) => {
            const own = new Set(row)
            return and(...atoms.map((one) => (own.has(one) ? is(one) : not(is(one)))))
          }),
        ),
      )
      const declared = [...names.values()].map((name) => `(declare-const ${name} Bool)`)
      const stated = [granted, ...rows, ...world.laws].map((one) => `(assert ${smt(one)})`)
      const given = z3.given([...declared, ...stated].join('\n'))
      const answers: boolean[] = []
      for (const { is: who } of asked)
        for (const { client, platform } of whats) {
          const cell = platforms.map((one) => {
            const here = is({ kind: 'platform', platform: one })
            return one === platform ? here : not(here)
          })
          const all = and(who, is({ kind: 'client', type: client }), ...cell)
          answers.push(await given.canHold(`(assert ${smt(all)})`))
        }
      return answers
    },
  }
}

const is = (one: Atom): Formula<Atom> => atom(one)
