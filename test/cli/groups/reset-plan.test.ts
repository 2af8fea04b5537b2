import { describe, expect, it } from 'vitest';
import { placeFor, type ResetTarget } from '../../../src/cli/groups/reset-plan.ts';

const FACTS = { start: 10, end: 20, current: 15, inTime: 12 };

describe('placeFor', () => {
  it.each<[ResetTarget, number]>([
    [{ kind: 'earliest' }, 10],
    [{ kind: 'latest' }, 20],
    [{ kind: 'current' }, 15],
    [{ kind: 'offset', value: 17 }, 17],
    [{ kind: 'offset', value: 5 }, 10],
    [{ kind: 'offset', value: 25 }, 20],
    [{ kind: 'shift', value: -3 }, 12],
    [{ kind: 'shift', value: -30 }, 10],
    [{ kind: 'shift', value: 30 }, 20],
    [{ kind: 'time', value: 1 }, 12],
  ])('takes %j to %i', (target, offset) => {
    expect(placeFor(target, FACTS).newOffset).toBe(offset);
  });

  it('says why an offset is not the one that was asked for', () => {
    expect(placeFor({ kind: 'offset', value: 25 }, FACTS).note).toContain('25 is behind the log');
    expect(placeFor({ kind: 'offset', value: 17 }, FACTS).note).toBe(null);
    const late = placeFor({ kind: 'time', value: 1 }, { ...FACTS, inTime: -1 });
    expect(late).toEqual({ newOffset: 20, note: 'no record is so new: the end of the log' });
  });

  it('takes a partition without a commit to the end, and cannot shift it', () => {
    const none = { ...FACTS, current: null };
    expect(placeFor({ kind: 'current' }, none).newOffset).toBe(20);
    expect(() => placeFor({ kind: 'shift', value: 1 }, none)).toThrow('needs committed offsets');
  });
});
