/** Command line of the table. */
import { parseArgs } from 'node:util';
import { positiveNumber } from '../harness/positive-number.ts';
import { repositoryPath } from '../repository-path.ts';
import type { RivalName } from '../scenario.ts';
import { TABLE } from '../scenarios/table.ts';
import type { TableScenario } from '../scenarios/table-scenario.ts';
import { RIVAL_CLIENTS, type RivalClient, rivalClientOf } from './rival-clients.ts';
import { TABLE_MODES, type TableMode } from './table-report.ts';

export interface TableOptions {
  readonly scenarios: readonly TableScenario[];
  /** Other brokers, with the client of millrace. */
  readonly against: readonly RivalName[];
  /** Other clients, in tables of their own. */
  readonly clients: readonly RivalClient[];
  readonly withFloor: boolean;
  /** Brokers that speak another protocol: WebSocket consumers, in a table of their own. */
  readonly sockets: readonly SocketRival[];
  readonly profile: boolean;
  /** Which of held, flat and flat1k. */
  readonly modes: readonly TableMode[];
  /** An earlier build that takes its turns as well; empty: none. */
  readonly baseline: string;
  /** A kept report.json to compare with; empty: none. */
  readonly compare: string;
  /** A kept report.json to compare, in place of a run; empty: there is a run. */
  readonly with: string;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly rounds: number;
  readonly json: boolean;
  /** The folder that the page and the JSON are written to. */
  readonly out: string;
}

const SOCKET_RIVALS = ['nats', 'jetstream'] as const;
type SocketRival = (typeof SOCKET_RIVALS)[number];

const USUAL = { warmup: '1', seconds: '2', rounds: '3' };
const QUICK = { warmup: '0.6', seconds: '1', rounds: '1' };
const SHORT = {
  only: 'async-batch,sync,consumer-single',
  modes: 'held,flat',
  warmup: '0.4',
  seconds: '0.8',
  rounds: '3',
};

export const TABLE_USAGE = `usage: npm run bench -- [options]   the table that the project is tuned for
  --quick              in 90 seconds
  --only NAME[,NAME]   only these rows
  --against NAME[,NAME]  kafka: Apache Kafka in turn, with the same client, and its own perf tools in a second
                       table; floor: what the machine allows; kafkajs, platformatic, confluent, java
                       (Kafka's perf tools alone), nats, jetstream: tables of their own
  --short              what CI runs: three rows, held and flat, three short rounds
  --modes NAME[,NAME]  of held, flat and flat1k; all unless given
  --compare FILE       what got worse since the report.json of an earlier run; exit code 1 where
                       three paired rounds confirm a loss
  --with FILE          compares this report.json, without a run
  --baseline WHAT      an earlier build in turn: a packed .tgz, a folder or a commit; exit code 1
                       where it was better in three paired rounds, and in three more
  --seconds N          measured seconds of each turn, 2 unless given
  --warmup N           seconds before, 1 unless given
  --rounds N           turns of each, 3 unless given; the middle one counts
  --profile            flame graphs of broker and clients, as a page in bench/out
  --out FOLDER         where the page and the JSON go, bench/out unless given
  -o json              one JSON document in place of the table
  --suite NAME         another suite: broker, floor, websocket, client, streams or cluster, each
                       with its own --help`;

export function readTableOptions(args: readonly string[]): TableOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      suite: { type: 'string' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      against: { type: 'string' },
      short: { type: 'boolean', default: false },
      modes: { type: 'string' },
      baseline: { type: 'string', default: '' },
      compare: { type: 'string', default: '' },
      with: { type: 'string', default: '' },
      seconds: { type: 'string' },
      warmup: { type: 'string' },
      rounds: { type: 'string' },
      profile: { type: 'boolean', default: false },
      out: { type: 'string', default: repositoryPath('bench/out') },
      output: { type: 'string', short: 'o', default: 'text' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || values.list) return undefined;
  const { quick, short, against } = values;
  const usual = short ? SHORT : quick ? QUICK : USUAL;
  return {
    scenarios: chosen(values.only ?? (short ? SHORT.only : undefined)),
    ...rivalsOf(against === undefined ? [] : against.split(',')),
    profile: values.profile,
    modes: modesOf(values.modes ?? (short ? SHORT.modes : undefined)),
    baseline: values.baseline,
    compare: values.compare,
    with: values.with,
    warmupMs: 1000 * positiveNumber('warmup', values.warmup ?? usual.warmup),
    measureMs: 1000 * positiveNumber('seconds', values.seconds ?? usual.seconds),
    rounds: Math.ceil(positiveNumber('rounds', values.rounds ?? usual.rounds)),
    json: values.output === 'json',
    out: values.out,
  };
}

type Rivals = Pick<TableOptions, 'against' | 'clients' | 'withFloor' | 'sockets'>;

function rivalsOf(names: readonly string[]): Rivals {
  const sockets = SOCKET_RIVALS.filter((rival) => names.includes(rival));
  const brokers: readonly string[] = ['kafka', 'floor', ...SOCKET_RIVALS];
  const others = names.filter((name) => !brokers.includes(name));
  const clients = others.map((name) => {
    const client = rivalClientOf(name);
    if (client !== undefined) return client;
    const known = [...brokers, ...RIVAL_CLIENTS].join(', ');
    throw new Error(`--against of the table knows ${known}, not "${name}"`);
  });
  const withKafka = names.includes('kafka');
  // Who asks for Kafka wants to know what its own client makes of it.
  if (withKafka && !clients.includes('java')) clients.push('java');
  const against: readonly RivalName[] = withKafka ? ['kafka'] : [];
  return { against, clients, withFloor: names.includes('floor'), sockets };
}

function modesOf(text: string | undefined): readonly TableMode[] {
  if (text === undefined) return TABLE_MODES;
  return text.split(',').map((name) => {
    const found = TABLE_MODES.find((mode) => mode === name);
    if (found === undefined)
      throw new Error(`--modes knows ${TABLE_MODES.join(', ')}, not "${name}"`);
    return found;
  });
}

function chosen(only: string | undefined): readonly TableScenario[] {
  if (only === undefined) return TABLE;
  return only.split(',').map((name) => {
    const found = TABLE.find((scenario) => scenario.name === name);
    if (found === undefined) throw new Error(`the table has no row "${name}"; --list shows all`);
    return found;
  });
}
