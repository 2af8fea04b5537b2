import { describe, expect, it } from 'vitest';
import {
  ALTER_OPERATION,
  alterByReplacing,
  alterIncrementally,
  type ConfigAlteration,
} from '../../../src/metadata/config/alter.ts';
import { TOPIC_CONFIGS } from '../../../src/metadata/config/definitions.ts';

const { SET, DELETE, APPEND, SUBTRACT } = ALTER_OPERATION;
const CURRENT = new Map([['retention.ms', '1']]);

const alter = (...alterations: [string, number, string | null][]) => {
  const list: ConfigAlteration[] = alterations.map(([name, operation, value]) => ({
    name,
    operation,
    value,
  }));
  return alterIncrementally(TOPIC_CONFIGS, CURRENT, list, (name) =>
    name === 'cleanup.policy' ? 'delete' : null,
  );
};
const resultOf = (altered: ReturnType<typeof alter>) =>
  altered.refused === null ? Object.fromEntries(altered.texts) : altered.refused;

describe('alterIncrementally', () => {
  it('sets and deletes', () => {
    expect(resultOf(alter(['segment.ms', SET, '5'], ['retention.ms', DELETE, null]))).toEqual({
      'segment.ms': '5',
    });
  });

  it('appends to and subtracts from a list, beginning with what is inherited', () => {
    expect(resultOf(alter(['cleanup.policy', APPEND, 'compact,delete']))).toMatchObject({
      'cleanup.policy': 'delete,compact',
    });
    expect(resultOf(alter(['cleanup.policy', SUBTRACT, 'delete']))).toMatchObject({
      'cleanup.policy': '',
    });
  });

  it('names only what changed', () => {
    const altered = alter(['retention.ms', SET, '1'], ['segment.ms', DELETE, null]);
    expect(altered).toMatchObject({ refused: null, changes: [] });
  });

  it("refuses in Kafka's words", () => {
    expect(resultOf(alter(['segment.ms', APPEND, '1']))).toEqual({
      errorCode: 40,
      message: "Can't APPEND to key segment.ms because its type is not LIST.",
    });
    expect(resultOf(alter(['segment.ms', SET, null]))).toEqual({
      errorCode: 42,
      message: 'Null value not supported for : segment.ms',
    });
    expect(resultOf(alter(['a', SET, '1'], ['a', DELETE, null]))).toEqual({
      errorCode: 42,
      message: 'Error due to duplicate config keys',
    });
    expect(resultOf(alter(['segment.ms', 9, '1']))).toMatchObject({ errorCode: 42 });
  });
});

describe('alterByReplacing', () => {
  it('takes away what is not given', () => {
    const altered = alterByReplacing(CURRENT, [{ name: 'segment.ms', value: '5' }]);
    expect(altered).toMatchObject({
      refused: null,
      changes: [
        { name: 'segment.ms', value: '5' },
        { name: 'retention.ms', value: null },
      ],
    });
  });

  it('refuses a missing value', () => {
    const altered = alterByReplacing(CURRENT, [{ name: 'segment.ms', value: null }]);
    expect(altered.refused).toMatchObject({ errorCode: 42 });
  });
});
