import { describe, expect, it } from 'vitest';
import { CommandArguments } from '../../../src/cli/command-arguments.ts';
import { findCommand } from '../../../src/cli/find-command.ts';
import { resetTarget } from '../../../src/cli/groups/reset-plan.ts';

const NOW_MS = Date.UTC(2026, 0, 2);

function targetOf(...words: string[]) {
  const { command, rest } = findCommand(['groups', 'reset-offsets', 'g', ...words]);
  return resetTarget(CommandArguments.parse(command, rest), NOW_MS);
}

describe('resetTarget', () => {
  it.each([
    [['--to-earliest'], { kind: 'earliest' }],
    [['--to-latest'], { kind: 'latest' }],
    [['--to-current'], { kind: 'current' }],
    [['--to-offset', '7'], { kind: 'offset', value: 7 }],
    [['--shift-by', '-7'], { kind: 'shift', value: -7 }],
    [['--to-datetime', '2026-01-01T00:00:00Z'], { kind: 'time', value: Date.UTC(2026, 0, 1) }],
    [['--by-duration', 'P1D'], { kind: 'time', value: Date.UTC(2026, 0, 1) }],
  ])('reads %j', (words, target) => {
    expect(targetOf(...words)).toEqual(target);
  });

  it.each([[[]], [['--to-latest', '--to-earliest']], [['--to-offset', '1', '--shift-by', '1']]])(
    'refuses %j: one target, no more and no less',
    (words) => {
      expect(() => targetOf(...words)).toThrow('expected one of --to-earliest');
    },
  );

  it('refuses an offset below 0', () => {
    expect(() => targetOf('--to-offset', '-1')).toThrow('expected at least 0');
  });
});
