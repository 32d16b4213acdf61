import { limits } from '../base/limits.ts'
import { Activity } from './solver/activity.ts'
import { type Cell, Clauses, none } from './solver/clauses.ts'
import { blame, learn } from './solver/learn.ts'
import { propagate } from './solver/propagate.ts'
import { Trail } from './solver/trail.ts'

/** A variable, or with a minus sign its opposite, as in DIMACS files. Variables count from 1. */
export type Literal = number

/** What takes clauses: a solver, or a list of them. */
export interface Clausal {
  /** A fresh variable. */
  variable(): Literal
  /** From now on at least one of these holds. */
  add(clause: readonly Literal[]): void
}

/** Whether clauses can hold together; `gaveUp` where the limit of steps came first, which must count as the worse answer. */
export type Answer = 'satisfiable' | 'unsatisfiable' | 'gaveUp'

/** Answers whether clauses can hold together; may be asked again and again, under other assumptions and with more clauses. */
export interface Solver extends Clausal {
  /** Whether all clauses can hold, and these literals too. */
  solve(assumptions?: readonly Literal[]): Answer
  /** After `satisfiable`: whether the literal holds in the example found. */
  isTrue(literal: Literal): boolean
  /** After `unsatisfiable`: assumptions that cannot hold together; none where the clauses alone cannot. */
  blamed(): readonly Literal[]
  /** Conflicts met so far, over all questions: the cost, in a unit that no clock disturbs. */
  steps(): number
}

/**
 * A SAT solver: conflict-driven clause learning with two watched literals, activity order, first unique implication points,
 * saved phases and Luby's restarts (Marques-Silva and Sakallah 1996; Moskewicz et al. 2001; Eén and Sörensson 2003). One
 * question takes at most `conflicts` steps.
 */
export function createSolver({ conflicts = limits.solverConflicts.value } = {}): Solver {
  return new Search(conflicts)
}

/** Conflicts until the first restart. */
const restartUnit = 64

class Search implements Solver {
  readonly #clauses = new Clauses()
  readonly #trail = new Trail()
  readonly #activity = new Activity()
  readonly #limit: number
  #variables = 0
  /** The clauses alone cannot hold. */
  #broken = false
  #model = new Int32Array(0)
  /** What the levels of the trail assume, one each. */
  #assumed: readonly Cell[] = []
  #blamed: Literal[] = []
  #met = 0
  #learntRoom = 2000

  constructor(limit: number) {
    this.#limit = limit
  }

  variable(): Literal {
    const variable = ++this.#variables
    this.#trail.widen(variable + 1)
    while (this.#clauses.watches.length < variable * 2 + 2) this.#clauses.watches.push([])
    this.#activity.offer(variable)
    return variable
  }

  add(clause: readonly Literal[]): void {
    this.#backTo(0)
    const { values } = this.#trail
    const cells = new Set(clause.map(toCell))
    for (const cell of cells) if (values[cell] === 1 || cells.has(cell ^ 1)) return
    const open = [...cells].filter((cell) => values[cell] !== -1)
    const [first] = open
    if (first === undefined) this.#broken = true
    else if (open.length === 1) this.#trail.set(first, none)
    else this.#clauses.add(open, 0)
  }

  solve(assumptions: readonly Literal[] = []): Answer {
    const cells = assumptions.map(toCell)
    // Questions that begin alike are one search up to there.
    const differs = cells.findIndex((cell, at) => this.#assumed[at] !== cell)
    this.#backTo(differs < 0 ? cells.length : differs)
    this.#assumed = cells
    const answer = this.#search(cells)
    if (answer === 'satisfiable') this.#model = this.#trail.values.slice()
    return answer
  }

  isTrue(literal: Literal): boolean {
    return this.#model[toCell(literal)] === 1
  }

  blamed(): readonly Literal[] {
    return this.#blamed
  }

  steps(): number {
    return this.#met
  }

  #search(assumptions: readonly Cell[]): Answer {
    this.#blamed = []
    if (this.#broken) return 'unsatisfiable'
    const end = this.#met + this.#limit
    for (let turn = 1; this.#met < end; turn++) {
      const answer = this.#run(assumptions, Math.min(end, this.#met + restartUnit * luby(turn)))
      if (answer !== 'restart') return answer
      this.#backTo(assumptions.length)
      if (this.#clauses.learnt.length > this.#learntRoom) {
        this.#backTo(0)
        this.#clauses.forget()
        this.#learntRoom *= 1.1
      }
    }
    return 'gaveUp'
  }

  /** Decides, draws consequences and learns, until the answer is there or `until` conflicts were met. */
  #run(assumptions: readonly Cell[], until: number): Answer | 'restart' {
    for (;;) {
      const broken = propagate(this.#clauses, this.#trail)
      if (broken !== none) {
        this.#met++
        if (this.#trail.level === 0) {
          this.#broken = true
          return 'unsatisfiable'
        }
        this.#takeLesson(broken)
        if (this.#met >= until) return 'restart'
      } else {
        const answer = this.#decide(assumptions)
        if (answer) return answer
      }
    }
  }

  #takeLesson(broken: number): void {
    const parts = { clauses: this.#clauses, trail: this.#trail, activity: this.#activity }
    const { literals, level, glue } = learn(broken, parts)
    this.#backTo(level)
    const [first = 0] = literals
    this.#trail.set(first, literals.length === 1 ? none : this.#clauses.add(literals, glue))
    this.#activity.fade()
  }

  /** Opens a level: the next assumption, or else the most active open variable as it was last. */
  #decide(assumptions: readonly Cell[]): Answer | undefined {
    const trail = this.#trail
    while (trail.level < assumptions.length) {
      const cell = assumptions[trail.level] ?? 0
      if (trail.values[cell] === -1) {
        this.#blamed = blame(cell, this.#clauses, trail).map(toLiteral)
        return 'unsatisfiable'
      }
      trail.open()
      if (trail.values[cell] === 1) continue
      trail.set(cell, none)
      return undefined
    }
    for (;;) {
      const variable = this.#activity.take()
      if (variable === undefined) return 'satisfiable'
      if (trail.values[variable * 2] !== 0) continue
      trail.open()
      trail.set(trail.phases[variable] ?? 0, none)
      return undefined
    }
  }

  #backTo(level: number): void {
    this.#trail.backTo(level, (variable) => this.#activity.offer(variable))
  }
}

const toCell = (literal: Literal): Cell => (literal < 0 ? -literal * 2 + 1 : literal * 2)
const toLiteral = (cell: Cell): Literal => (cell & 1 ? -(cell >> 1) : cell >> 1)

/** 1 1 2 1 1 2 4 …: how long to search before starting anew, best when nothing is known of the question (Luby et al. 1993). */
function luby(turn: number): number {
  let size = 1
  while (2 ** size - 1 < turn) size++
  return turn === 2 ** size - 1 ? 2 ** (size - 1) : luby(turn - 2 ** (size - 1) + 1)
}
