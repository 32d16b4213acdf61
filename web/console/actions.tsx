import { type ReactNode, useState } from 'react'
import type { ManagedDevice } from '../../src/graph/contract.ts'
import { call } from '../look/api.ts'
import { Confirm } from '../look/dialog.tsx'
import { Fault } from '../look/fault.tsx'

/** What an administrator can do about a device. */
interface Act {
  readonly name: string
  readonly method: 'POST' | 'DELETE'
  readonly path: string
  readonly told: string
  /** Asked before: what it means. */
  readonly question?: string
}

const allow: Act = {
  name: 'Allow',
  method: 'POST',
  path: '/allowAccess',
  told: 'Put into the allowed list of the mailbox; where a policy asks for approval, this is it.',
}
const block: Act = {
  name: 'Block',
  method: 'POST',
  path: '/blockAccess',
  told: 'Put into the blocked list of the mailbox.',
}
const reset: Act = {
  name: 'Reset',
  method: 'POST',
  path: '/resetAccess',
  told: 'Taken out of both lists; the policies decide.',
}
const retire: Act = {
  name: 'Retire…',
  method: 'POST',
  path: '/retire',
  told: 'Retired.',
  question:
    'Its enrollment ends and its certificate is worth nothing from now on. Where the policy asks for enrollment, it loses mail at once; its user can enroll it again. What is on the device stays there.',
}
const forget: Act = {
  name: 'Remove…',
  method: 'DELETE',
  path: '',
  told: 'Removed.',
  question:
    'The mail client is taken out of the list, with its decisions. If it comes again, it is new here. To keep it out, block it instead.',
}

function actsOf(device: ManagedDevice): readonly Act[] {
  return [
    ...(device.easDeviceId ? [allow, block, reset] : []),
    ...(device.azureADRegistered ? [retire] : []),
    ...(device.easDeviceId ? [forget] : []),
  ]
}

/** The buttons, and what came of the last one. */
export function Actions({ device, done }: { device: ManagedDevice; done(): void }): ReactNode {
  const [asked, setAsked] = useState<Act>()
  const [busy, setBusy] = useState(false)
  const [told, setTold] = useState('')
  const [thrown, setThrown] = useState<unknown>()

  async function run(act: Act) {
    setBusy(true)
    setTold('')
    try {
      await call(act.method, `/deviceManagement/managedDevices/${device.id}${act.path}`)
      setTold(act.told)
      setThrown(undefined)
      done()
    } catch (error) {
      setThrown(error)
    }
    setBusy(false)
    setAsked(undefined)
  }

  return (
    <div>
      <div className="acts">
        {actsOf(device).map((act) => (
          <button
            key={act.name}
            type="button"
            className="button"
            disabled={busy}
            onClick={() => (act.question ? setAsked(act) : void run(act))}
          >
            {act.name}
          </button>
        ))}
      </div>
      <p className="told quiet" role="status">
        {told}
      </p>
      <Fault thrown={thrown} hint />
      {asked && (
        <Confirm
          title={`${asked.name.replace('…', '')} ${device.deviceName}?`}
          action={asked.name.replace('…', '')}
          busy={busy}
          confirm={() => void run(asked)}
          close={() => setAsked(undefined)}
        >
          <p>{asked.question}</p>
        </Confirm>
      )}
    </div>
  )
}
