import { describe, expect, it } from 'vitest';
import type { CommandSpec } from '../../src/cli/command.ts';
import { CommandArguments } from '../../src/cli/command-arguments.ts';

const COMMAND: CommandSpec = {
  name: 'topics make',
  operands: 'NAME…',
  operandsMax: 2,
  summary: '',
  options: {
    output: { value: 'table|json', short: 'o', help: '' },
    topic: { value: 'NAME', repeatable: true, help: '' },
    config: { value: 'NAME=VALUE', repeatable: true, help: '' },
    partitions: { value: 'N', help: '' },
    execute: { help: '' },
  },
  load: async () => async () => 0,
};

function parse(...words: string[]): CommandArguments {
  return CommandArguments.parse(COMMAND, words);
}

describe('CommandArguments', () => {
  it('reads options and operands in any order', () => {
    const given = parse('a', '--partitions', '3', '-o', 'json', '--execute', 'b');
    expect(given.operands).toEqual(['a', 'b']);
    expect(given.integer('partitions')).toBe(3);
    expect(given.text('output')).toBe('json');
    expect(given.has('execute')).toBe(true);
    expect(given.has('topic')).toBe(false);
  });

  it('takes names as operands and as options', () => {
    expect(parse('a', '--topic', 'b', '--topic=a').names('topic')).toEqual(['a', 'b']);
    expect(parse('--topic', 'b').name('topic')).toBe('b');
    expect(() => parse('a', 'b').name('topic')).toThrow('expected one topic, got 2');
  });

  it('takes negative numbers as values', () => {
    expect(parse('--partitions', '-5').integer('partitions')).toBe(-5);
    expect(parse('--partitions=-5').integer('partitions')).toBe(-5);
  });

  it('leaves what stands behind -- alone', () => {
    expect(parse('--', '--execute').operands).toEqual(['--execute']);
  });

  it('reads pairs, values with = and empty ones included', () => {
    const pairs = parse('--config', 'a=b=c', '--config', 'd=').pairs('config');
    expect([...pairs]).toEqual([
      ['a', 'b=c'],
      ['d', ''],
    ]);
    expect(() => parse('--config', 'a').pairs('config')).toThrow('--config a: expected name=value');
  });

  it.each([
    [['--partition', '3'], 'topics make: no option --partition; did you mean --partitions?'],
    [['--nothing-like-it', '3'], 'topics make: no option --nothing-like-it'],
    [['-x'], 'topics make: no option -x'],
    [['--constructor'], 'topics make: no option --constructor'],
    [['--partitions'], 'topics make: --partitions needs a value: N'],
    [['--topic', '--execute'], 'topics make: --topic needs a value: NAME'],
    [['--execute=yes'], 'topics make: --execute takes no value'],
    [['--partitions', '1', '--partitions', '2'], 'topics make: --partitions is given twice'],
    [['a', 'b', 'c'], "topics make: unexpected 'c'"],
  ])('refuses %j', (words, message) => {
    expect(() => parse(...words)).toThrow(message);
  });

  it.each(['1.5', 'x', '', '1e3', '9007199254740993'])('takes %j for no integer', (text) => {
    const given = parse(`--partitions=${text}`);
    expect(() => given.integer('partitions')).toThrow('expected an integer');
  });

  it('refuses integers that are too small', () => {
    expect(() => parse('--partitions', '0').integer('partitions', 1)).toThrow('at least 1');
  });
});
