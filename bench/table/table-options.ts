/** Command line of the table. */
import { parseArgs } from 'node:util';
import { repositoryPath } from '../repository-path.ts';
import { TABLE } from '../scenarios/table.ts';
import type { TableScenario } from '../scenarios/table-scenario.ts';

export interface TableOptions {
  readonly scenarios: readonly TableScenario[];
  readonly withKafka: boolean;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly rounds: number;
  readonly json: boolean;
  /** The folder that the page and the JSON are written to. */
  readonly out: string;
}

export const TABLE_USAGE = `usage: npm run bench -- [options]   the table that the project is tuned for
  --quick              in 90 seconds
  --only NAME[,NAME]   only these rows
  --against kafka      Apache Kafka in turn, with the same client
  --seconds N          measured seconds of each turn, 3 unless given
  --warmup N           seconds before, 1.5 unless given
  --rounds N           turns of each, 1 unless given; the middle one counts
  --out FOLDER         where the page and the JSON go, bench/out unless given
  -o json              one JSON document in place of the table
  --suite NAME         another suite: broker, floor, websocket or client, each with its own --help`;

export function readTableOptions(args: readonly string[]): TableOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      suite: { type: 'string' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      against: { type: 'string' },
      seconds: { type: 'string' },
      warmup: { type: 'string' },
      rounds: { type: 'string', default: '1' },
      out: { type: 'string', default: repositoryPath('bench/out') },
      output: { type: 'string', short: 'o', default: 'text' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || values.list) return undefined;
  const { quick, against } = values;
  if (against !== undefined && against !== 'kafka') {
    throw new Error(`--against of the table knows kafka, not "${against}"`);
  }
  return {
    scenarios: chosen(values.only),
    withKafka: against === 'kafka',
    warmupMs: 1000 * positive('warmup', values.warmup ?? (quick ? '0.6' : '1.5')),
    measureMs: 1000 * positive('seconds', values.seconds ?? (quick ? '1' : '3')),
    rounds: positive('rounds', values.rounds),
    json: values.output === 'json',
    out: values.out,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0, not "${text}"`);
  return value;
}

function chosen(only: string | undefined): readonly TableScenario[] {
  if (only === undefined) return TABLE;
  return only.split(',').map((name) => {
    const found = TABLE.find((scenario) => scenario.name === name);
    if (found === undefined) throw new Error(`the table has no row "${name}"; --list shows all`);
    return found;
  });
}
