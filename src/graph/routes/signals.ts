import type { FastifyInstance } from 'fastify'
import { Failure } from '../../base/failures.ts'
import { keySetPath, type Signals, type Transmitter } from '../../signals/signals.ts'

/** What a receiver of security events reads of us, without a word of introduction. Both 404 where none is configured. */
export function signalRoutes(app: FastifyInstance, { signals }: { signals: Signals }): void {
  const transmitter = (): Transmitter => {
    if (signals.transmitter) return signals.transmitter
    throw new Failure('not.found', 'no receiver of security events is configured')
  }
  app.get('/.well-known/ssf-configuration', () => transmitter().configuration())
  app.get(keySetPath, () => transmitter().keySet)
}
