import { expect, it } from 'vitest';
import { OriginPolicy } from '../../../src/gateway/engine/origin-policy.ts';

it('lets in listed origins, those that are no browsers, and the own page', () => {
  const policy = new OriginPolicy(['https://App.example'], 'broker.internal');
  expect(policy.allows('', 'anything')).toBe(true);
  expect(policy.allows('https://app.example', 'anything')).toBe(true);
  expect(policy.allows('http://127.0.0.1:9080', '127.0.0.1:9080')).toBe(true);
  expect(policy.allows('http://[::1]:9080', '[::1]:9080')).toBe(true);
  expect(policy.allows('https://localhost:9080', 'localhost:9080')).toBe(true);
  expect(policy.allows('http://broker.internal', 'broker.internal')).toBe(true);
});

it('refuses other pages, also where a stranger points a name of his at us', () => {
  const policy = new OriginPolicy([], '127.0.0.1');
  expect(policy.allows('https://evil.example', '127.0.0.1:9080')).toBe(false);
  expect(policy.allows('http://rebound.example:9080', 'rebound.example:9080')).toBe(false);
  expect(policy.allows('http://127.0.0.1:1', '127.0.0.1:9080')).toBe(false);
  expect(policy.allows('null', '127.0.0.1:9080')).toBe(false);
});

it('lets everything in where * is listed', () => {
  expect(new OriginPolicy(['*'], '').allows('https://evil.example', 'x')).toBe(true);
});
