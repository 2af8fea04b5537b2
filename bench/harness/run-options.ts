/** What every scenario that is a command line takes besides its own options. */
import type { RivalName } from '../scenario.ts';
import type { Options, OptionTable } from './option-table.ts';

export interface RunOptions {
  readonly seconds: number | undefined;
  readonly warmupSeconds: number;
  readonly rounds: number;
  readonly against: readonly RivalName[];
  readonly overrides: Readonly<Record<string, string>>;
  readonly profile: boolean;
  readonly json: boolean;
}

const RIVALS: readonly RivalName[] = ['kafka', 'nats', 'jetstream', 'bare', 'node'];

export const RUN_OPTIONS: OptionTable = {
  seconds: { takes: 'number', unless: 3, least: 0.1, help: 'measured of each turn' },
  minutes: { takes: 'number', unless: 0, least: 0, help: 'measured instead, for a soak' },
  warmup: { takes: 'number', unless: 1.5, least: 0, help: 'seconds before' },
  rounds: {
    takes: 'whole',
    unless: 1,
    least: 1,
    most: 100,
    help: 'turns of each; the middle one counts, and the spread is told',
  },
  against: { takes: 'text', help: `${RIVALS.join(', ')}; with commas, those that can do it` },
  override: { takes: 'texts', help: 'name=value of the configuration of millrace' },
  profile: { takes: 'flag', help: 'flame graphs of broker and clients, as pages in bench/out/' },
  output: { takes: 'choice', unless: 'text', choices: ['text', 'json'], help: '' },
  help: { takes: 'flag', help: '' },
};

export function readRunOptions(options: Options): RunOptions {
  const minutes = options.number('minutes');
  const seconds = options.isGiven('seconds') ? options.number('seconds') : undefined;
  return {
    seconds: minutes > 0 ? 60 * minutes : seconds,
    warmupSeconds: options.number('warmup'),
    rounds: options.number('rounds'),
    against: rivalsOf(options.text('against')),
    overrides: Object.fromEntries(options.texts('override').map(nameAndValue)),
    profile: options.flag('profile'),
    json: options.text('output') === 'json',
  };
}

function rivalsOf(list: string): RivalName[] {
  if (list === '') return [];
  return list.split(',').map((name) => {
    const known = RIVALS.find((rival) => rival === name);
    if (known === undefined) {
      throw new Error(`--against knows ${RIVALS.join(', ')}, not "${name}"`);
    }
    return known;
  });
}

function nameAndValue(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`--override takes name=value, not "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}
