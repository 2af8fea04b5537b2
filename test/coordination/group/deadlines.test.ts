import { describe, expect, it } from 'vitest';
import { Deadline, Deadlines } from '../../../src/coordination/group/deadlines.ts';
import { seeded } from './harness.ts';

describe('deadlines', () => {
  it('come up in the order of their times, whatever was moved or cancelled before', () => {
    const random = seeded(42);
    const deadlines = new Deadlines();
    const all = Array.from({ length: 500 }, () => new Deadline(() => {}));
    for (let step = 0; step < 20_000; step++) {
      const deadline = all[Math.floor(random() * all.length)]!;
      if (random() < 0.2) deadlines.cancel(deadline);
      else deadlines.set(deadline, Math.floor(random() * 1_000_000));
    }
    const expected = all.filter(({ isSet }) => isSet).map(({ dueMs }) => dueMs);
    expected.sort((one, other) => one - other);
    expect(deadlines.size).toBe(expected.length);
    for (const dueMs of expected) {
      expect(deadlines.nextMs()).toBe(dueMs);
      expect(deadlines.takeDue(dueMs - 1)).toBeNull();
      expect(deadlines.takeDue(dueMs)).not.toBeNull();
    }
    expect(deadlines.nextMs()).toBe(Number.POSITIVE_INFINITY);
    expect(deadlines.takeDue(Number.MAX_VALUE)).toBeNull();
  });

  it('do not come up at a time that they were moved away from', () => {
    const deadlines = new Deadlines();
    const deadline = new Deadline(() => {});
    deadlines.set(deadline, 100);
    deadlines.set(deadline, 300);
    expect(deadlines.takeDue(200)).toBeNull();
    deadlines.set(deadline, 50);
    expect(deadlines.takeDue(60)).toBe(deadline);
    expect(deadline.isSet).toBe(false);
    expect(deadlines.size).toBe(0);
  });
});
