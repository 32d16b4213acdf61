import { type ReactNode, useId } from 'react'
import type { Collection, GroupRow } from '../../src/graph/contract.ts'
import type { RolloutBody, RolloutDetail } from '../../src/graph/rollout-contract.ts'
import { call } from '../look/api.ts'
import { Dialog } from '../look/dialog.tsx'
import { Fault } from '../look/fault.tsx'
import { Field, Form, type Values } from '../look/form.tsx'
import { useReading } from '../look/reading.ts'

/** Begins to let a group grow. */
export function NewRollout(properties: {
  close(): void
  made(rollout: RolloutDetail): void
}): ReactNode {
  const { close, made } = properties
  const groups = useReading<Collection<GroupRow>>('/groups?$top=1000&$orderby=displayName', 0)
  const names = groups.value?.value.map(({ displayName }) => displayName) ?? []
  return (
    <Dialog title="New rollout" close={close} wide>
      <Fault thrown={groups.thrown} hint />
      <Form
        action="Start"
        submit={async (value) =>
          made(await call<RolloutDetail>('POST', '/postern/rollouts', bodyOf(value)))
        }
      >
        <Group label="Group that grows" name="target" names={names} />
        <Group label="Out of" name="pool" names={names} all="Everybody" />
        <Field
          label="Users each day"
          name="sizes"
          defaultValue="5, 20, 100, rest"
          hint="20, or 10% of those it grows out of, or rest; the last one holds from then on."
          autoFocus
        />
        <Field label="At" name="time" type="time" defaultValue="09:00" />
        <Field
          label="Time zone"
          name="zone"
          defaultValue={new Intl.DateTimeFormat().resolvedOptions().timeZone}
        />
        <label className="check">
          <input type="checkbox" name="weekdays" value="yes" />
          From Monday to Friday only
        </label>
        <Field
          label="Pauses when more than so many percent of the moved are refused"
          name="percent"
          type="number"
          defaultValue="10"
        />
      </Form>
    </Dialog>
  )
}

function bodyOf(value: Values): RolloutBody {
  return {
    target: value('target'),
    pool: value('pool') || null,
    // What is no size the server refuses, and says which.
    sizes: value('sizes')
      .split(/[\s,]+/)
      .filter(Boolean)
      .map((size) => (/^\d+$/.test(size) ? Number(size) : size)) as RolloutBody['sizes'],
    startTime: value('time'),
    timeZone: value('zone'),
    weekdaysOnly: value('weekdays') === 'yes',
    pauseAbovePercent: Number(value('percent')),
  }
}

function Group(properties: {
  label: string
  name: string
  names: readonly string[]
  all?: string
}): ReactNode {
  const { label, name, names, all } = properties
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select className="input" {...{ id, name }} required={all === undefined}>
        {all !== undefined && <option value="">{all}</option>}
        {names.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </div>
  )
}
