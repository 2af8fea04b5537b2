import { describe, expect, it } from 'vitest';
import { planLine } from '../../../bench/harness/planned-line.ts';
import { readRunOptions } from '../../../bench/harness/run-options.ts';
import { BEYOND_THE_TABLE } from '../../../bench/scenarios/beyond-the-table.ts';

const plan = (text: string) => planLine(text.split(' '));

describe('a scenario as a command line', () => {
  for (const { name, lines } of BEYOND_THE_TABLE) {
    it(`reads each line of ${name}, and each can be typed as it stands`, () => {
      expect(lines.map((line) => plan(line).text)).toEqual([...lines]);
    });
  }

  it('tells the options of the command apart from those that every line takes', () => {
    const line = plan('produce --acks all --seconds 30 --partitions 8 -o json --rounds=3');
    expect(line.text).toBe('produce --acks all --partitions 8');
    const options = readRunOptions(line.options);
    expect(options).toMatchObject({ seconds: 30, rounds: 3, json: true });
  });

  it('measures minutes instead of seconds', () => {
    expect(readRunOptions(plan('produce --minutes 2').options).seconds).toBe(120);
  });

  for (const [text, complaint] of [
    ['frobnicate', 'there is no "frobnicate"; there are produce,'],
    ['produce --frob', "Unknown option '--frob'"],
    ['produce --acks 2', '--acks is one of 0, 1, all, not "2"'],
    ['produce --record-size 1XB', '--record-size takes a whole number from 1'],
    ['produce --record-size 0', '--record-size takes a whole number from 1'],
    ['produce --rate -5', "Option '--rate' argument is ambiguous"],
    ['produce --seconds soon', '--seconds takes a number of at least 0.1, not "soon"'],
    ['produce --idempotent', '--idempotent and --transactions need --acks all'],
    ['produce --topic-config x', '--topic-config takes name=value, not "x"'],
    ['e2e --record-size 4', '--record-size is at least 8 here'],
    ['e2e --consumers 0,2', '--consumers begins with at least 1'],
    ['e2e --consumers 1,x', '--consumers takes whole numbers'],
    ['websocket --format xml', '--format is one of batch, json'],
  ] as const) {
    it(`refuses \`${text}\``, () => {
      expect(() => plan(text)).toThrow(complaint);
    });
  }

  it('refuses rivals that nobody knows', () => {
    const { options } = plan('produce --against frob');
    expect(() => readRunOptions(options)).toThrow('--against knows kafka');
  });
});
