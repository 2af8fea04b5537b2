import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { AuditLog } from '../../src/security/audit/audit-log.ts';

const ALICE = { principal: 'User:alice', address: '10.0.0.1' };

let lines: Record<string, unknown>[];
let clock: ManualClock;
let audit: AuditLog;

beforeEach(() => {
  lines = [];
  clock = new ManualClock(Date.parse('2026-01-02T03:04:05Z'));
  audit = new AuditLog((line) => lines.push(JSON.parse(line)), clock);
});

test('a change is one line of JSON with the time and who made it', () => {
  audit.changed(ALICE, 'quota', { entity: 'user bob', keys: ['producer_byte_rate'] });
  expect(lines).toEqual([
    {
      time: '2026-01-02T03:04:05.000Z',
      event: 'changed',
      ...ALICE,
      what: 'quota',
      entity: 'user bob',
      keys: ['producer_byte_rate'],
    },
  ]);
});

test('the same denial is told once in ten seconds', () => {
  for (let i = 0; i < 5; i++) audit.denied(ALICE, 'READ', 'TOPIC:secret');
  audit.denied(ALICE, 'READ', 'TOPIC:other');
  expect(lines.map(({ resource }) => resource)).toEqual(['TOPIC:secret', 'TOPIC:other']);
  clock.advance(10_000);
  audit.denied(ALICE, 'READ', 'TOPIC:secret');
  expect(lines).toHaveLength(3);
});

test('failures are limited a second, and what is left out is counted', () => {
  for (let i = 0; i < 1000; i++) audit.failed(ALICE, 'PLAIN', 'wrong');
  expect(lines).toHaveLength(20);
  audit.changed(ALICE, 'acl', {});
  expect(lines).toHaveLength(21);
  clock.advance(1000);
  audit.failed(ALICE, 'PLAIN', 'wrong');
  expect(lines.slice(21).map(({ event, count }) => [event, count])).toEqual([
    ['suppressed', 980],
    ['authentication-failed', undefined],
  ]);
});
