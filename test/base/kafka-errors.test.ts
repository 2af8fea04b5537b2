import { expect, test } from 'vitest';
import { errorMessage } from '../../src/base/kafka-error-texts.ts';
import { ERROR, errorName, isRetriable } from '../../src/base/kafka-errors.ts';

test('each error has a name and a text', () => {
  for (const [name, code] of Object.entries(ERROR)) {
    expect(errorName(code)).toBe(name);
    expect(errorMessage(code).length, name).toBeGreaterThan(0);
  }
  expect(errorName(9999)).toBe('UNKNOWN(9999)');
  expect(errorMessage(9999)).toBe('UNKNOWN(9999)');
});

test('what may pass by waiting is retriable', () => {
  expect(isRetriable(ERROR.NOT_LEADER_OR_FOLLOWER)).toBe(true);
  expect(isRetriable(ERROR.COORDINATOR_LOAD_IN_PROGRESS)).toBe(true);
  expect(isRetriable(ERROR.NONE)).toBe(false);
  expect(isRetriable(ERROR.INVALID_TOPIC_EXCEPTION)).toBe(false);
});
