import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minute } from '../base/clock.ts'
import { createMemory, createPasswordKeys } from './memory.ts'

test('kept for its life and no longer', () => {
  const memory = createMemory<string>(10)
  memory.set('key', 'anna', 'yes', 0, minute)
  assert.equal(memory.get('key', minute), 'yes')
  assert.equal(memory.get('key', minute + 1), undefined)
  assert.equal(memory.get('key', minute), undefined)
})

test('a clock set back forgets', () => {
  const memory = createMemory<string>(10)
  memory.set('key', 'anna', 'yes', minute, minute)
  assert.equal(memory.get('key', 0), undefined)
})

test('news about an account forgets all of it and nothing else', () => {
  const memory = createMemory<string>(10)
  memory.set('a1', 'anna', 'yes', 0, minute)
  memory.set('a2', 'anna', 'yes', 0, minute)
  memory.set('b1', 'bert', 'yes', 0, minute)
  memory.forget('anna')
  assert.deepEqual(
    ['a1', 'a2', 'b1'].map((key) => memory.get(key, 0)),
    [undefined, undefined, 'yes'],
  )
})

test('a key that moved to another account follows the other one', () => {
  const memory = createMemory<string>(10)
  memory.set('key', 'anna', 'yes', 0, minute)
  memory.set('key', 'bert', 'yes', 0, minute)
  memory.forget('anna')
  assert.equal(memory.get('key', 0), 'yes')
  memory.forget('bert')
  assert.equal(memory.get('key', 0), undefined)
})

test('the oldest goes when it is full', () => {
  const memory = createMemory<string>(2)
  for (const key of ['one', 'two', 'three']) memory.set(key, key, 'yes', 0, minute)
  assert.deepEqual(
    ['one', 'two', 'three'].map((key) => memory.get(key, 0)),
    [undefined, 'yes', 'yes'],
  )
})

test('keys tell name and password apart, and differ between processes', () => {
  const keyOf = createPasswordKeys()
  assert.equal(keyOf('a', 'bc'), keyOf('a', 'bc'))
  assert.notEqual(keyOf('a', 'bc'), keyOf('ab', 'c'))
  assert.notEqual(keyOf('1:a', 'b'), keyOf('1', 'a:b'))
  assert.notEqual(keyOf('a', 'bc'), createPasswordKeys()('a', 'bc'))
})
