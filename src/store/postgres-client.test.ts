import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DatabaseError } from 'pg'
import { Failure } from '../base/failures.ts'
import { clientOptions, codedPostgres, losesConnection } from './postgres-client.ts'

function said(code: string, severity = 'ERROR'): DatabaseError {
  return Object.assign(new DatabaseError('said by the server', 18, 'error'), { code, severity })
}

test('what the server or the network did is store.unavailable, with its code', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  for (const [thrown, detail] of [
    [refused, 'PostgreSQL cannot answer, ECONNREFUSED'],
    [new Error('Connection terminated'), 'PostgreSQL cannot answer'],
    [said('57P01', 'FATAL'), 'PostgreSQL cannot answer, 57P01'],
    [said('57014'), 'PostgreSQL cannot answer, 57014'],
    [said('53100'), 'PostgreSQL cannot answer, 53100'],
    [said('25006'), 'PostgreSQL cannot answer, 25006'],
  ] as const) {
    const coded = codedPostgres(thrown)
    assert.ok(coded instanceof Failure)
    assert.deepEqual([coded.code, coded.detail, coded.cause], ['store.unavailable', detail, thrown])
  }
})

test('what a statement did stays what it is', () => {
  for (const thrown of [said('23505'), said('42P01'), said('25P02'), new TypeError('value')])
    assert.equal(codedPostgres(thrown), thrown)
})

test('a connection is given up when it is lost or leads to a standby, not for a statement', () => {
  const lost = [new Error('Connection terminated'), said('57P01', 'FATAL'), said('25006')]
  const kept = [said('23505'), said('57014'), said('40P01'), new TypeError('value')]
  assert.deepEqual(lost.map(losesConnection), [true, true, true])
  assert.deepEqual(kept.map(losesConnection), [false, false, false, false])
})

test('whole and decimal numbers are read as numbers, on these connections only', () => {
  const parser = clientOptions('postgres://127.0.0.1/x').types?.getTypeParser
  assert.ok(parser)
  for (const oid of [20, 1700])
    assert.equal(parser(oid, 'text')('1700000000000'), 1_700_000_000_000)
  assert.equal(parser(25, 'text')('17'), '17')
})
