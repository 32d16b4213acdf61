import type { ReactNode } from 'react'
import type { Collection, PolicySet, SessionBody, UserRow } from '../../src/graph/contract.ts'
import { useReading } from '../look/reading.ts'

/** What to do on a site that no device has come to yet; disappears with the first. */
export function FirstSteps({ session, tick }: { session: SessionBody; tick: number }): ReactNode {
  const users = useReading<Collection<UserRow>>("/users?$filter=role eq 'user'&$top=1", tick)
  const policies = useReading<PolicySet>('/postern/policies', tick)
  const people = users.value?.['@odata.count'] ?? 0
  const kinds = policies.value?.documents.filter(isRule).length ?? 0
  return (
    <section className="sheet first-steps" aria-labelledby="first-steps">
      <h1 id="first-steps">No device has come by yet</h1>
      <p className="quiet">
        Four steps from here to mail that only healthy, known devices can read. This page follows by
        itself.
      </p>
      <ol>
        <Step title="Add the people" done={people > 0}>
          <p>
            {people > 0
              ? `${people.toLocaleString('en-US')} so far. One more:`
              : 'On this machine, in a terminal:'}
          </p>
          <Command text="npx postern user add anna anna@example.org --password-file FILE" />
        </Step>
        <Step title="Point a phone at this server" done={false}>
          <p>
            On the phone, add an account of the kind <em>Exchange</em>:
          </p>
          <dl>
            <div>
              <dt>Server</dt>
              <dd>
                <code>{location.host}</code>
              </dd>
            </div>
            <div>
              <dt>User name</dt>
              <dd>
                the person’s, for example <code>anna</code>
              </dd>
            </div>
          </dl>
          <p>It appears here at its first request, and reads mail: a new site only observes.</p>
        </Step>
        <Step title="Say what a healthy device is" done={kinds > 0}>
          <p>Policies are files; a folder of them is applied as a whole:</p>
          <Command text="npx postern policy apply policies/" />
        </Step>
        <Step title="Begin enforcing" done={session.site.enforcement === 'enforcing'}>
          <p>The button above shows first, by name, who would lose mail.</p>
        </Step>
      </ol>
    </section>
  )
}

/** A policy that somebody wrote; the other documents every site has from the start. */
const isRule = (document: PolicySet['documents'][number]) =>
  document.kind === 'compliancePolicy' ||
  document.kind === 'deviceAccessRule' ||
  (document.kind === 'exchangeOnline' && document.enabled)

function Step(properties: { title: string; done: boolean; children: ReactNode }): ReactNode {
  const { title, done, children } = properties
  return (
    <li className={done ? 'done' : ''}>
      <h2>
        {title}
        {done && <span className="state good">Done</span>}
      </h2>
      {children}
    </li>
  )
}

function Command({ text }: { text: string }): ReactNode {
  return (
    <pre className="command">
      <code>{text}</code>
    </pre>
  )
}
