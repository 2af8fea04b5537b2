/** Command line of the whole suite. */
import { parseArgs } from 'node:util';
import { namedScenarios } from './harness/named-scenarios.ts';
import { positiveNumber } from './harness/positive-number.ts';
import type { RivalName, Scenario } from './scenario.ts';
import { BROKER_SCENARIOS, FLOOR_SCENARIOS, SCENARIOS } from './scenarios.ts';
import { SECURED_SCENARIOS } from './secured-scenarios.ts';
import { WEBSOCKET_SCENARIOS } from './websocket-scenarios.ts';

const RIVALS: readonly RivalName[] = ['kafka', 'floor', 'nats', 'jetstream', 'bare', 'node'];

export interface BenchOptions {
  /** Names the page. */
  readonly suite: string;
  readonly against: readonly RivalName[];
  readonly scenarios: readonly Scenario[];
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly rounds: number;
  /** Memory that is touched once before anything is timed. */
  readonly touchGib: number;
  readonly json: boolean;
  /** Keeps the figures for the table in bench/README.md. */
  readonly save: boolean;
  readonly profile: boolean;
  /** The brokers listen with TLS, too. */
  readonly isSecured: boolean;
  /** Of millrace's configuration. */
  readonly overrides: Readonly<Record<string, string>>;
}

export const USAGE = `usage: npm run bench:kafka -- [options]     millrace and Apache Kafka in turn
       npm run bench:floor -- [options]     the same beside the floor, the C program of bench/floor
       npm run bench:websocket -- [options] the WebSocket scenarios, with NATS in turn
       npm run bench -- --suite broker [options]  millrace alone
       npm run bench                        the table; --help tells its options
       npm run bench -- --suite client      the client beside others; --help tells its options
       npm run bench -- --suite cluster     three brokers that replicate; --help tells its options
  --suite NAME         broker (default), floor (those that the floor can do), secured (TLS,
                       SASL and ACLs) or websocket
  --against NAME[,NAME]  kafka, floor; for the WebSocket scenarios nats, jetstream, bare or
                       node (millrace with millrace.http.engine=node)
  --only NAME[,NAME]   only these scenarios (--list shows all)
  --seconds N          measured seconds of each run, 4 unless given
  --warmup N           seconds before each measurement, 3 unless given
  --rounds N           how often each broker gets its turn, 2 unless given
  --touch N            GB of memory touched once before the first run, 0 unless given
  --save               keep the figures in bench/results/ and render bench/README.md
  --override NAME=VALUE  of millrace's configuration; may be repeated
  --profile            millrace under the V8 profiler: where each thread's time went
  -o json              one JSON document in place of the tables
  --list               the scenarios`;

export function readBenchOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      against: { type: 'string' },
      suite: { type: 'string', default: 'broker' },
      only: { type: 'string' },
      seconds: { type: 'string', default: '4' },
      warmup: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '2' },
      profile: { type: 'boolean', default: false },
      override: { type: 'string', multiple: true, default: [] },
      touch: { type: 'string', default: '0' },
      save: { type: 'boolean', default: false },
      output: { type: 'string', short: 'o', default: 'text' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || values.list) return undefined;
  const scenarios = chosen(values.suite, values.only);
  return {
    suite: values.suite,
    against: values.against === undefined ? [] : values.against.split(',').map(rivalOf),
    scenarios,
    isSecured: scenarios.some(({ security }) => security !== undefined),
    seconds: positiveNumber('seconds', values.seconds),
    warmupSeconds: positiveNumber('warmup', values.warmup),
    rounds: positiveNumber('rounds', values.rounds),
    touchGib: Number(values.touch),
    json: values.output === 'json',
    save: values.save,
    profile: values.profile,
    overrides: Object.fromEntries(values.override.map(nameAndValue)),
  };
}

function nameAndValue(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`--override takes name=value, not "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function rivalOf(name: string): RivalName {
  const known = RIVALS.find((rival) => rival === name);
  if (known !== undefined) return known;
  throw new Error(`--against knows ${RIVALS.join(', ')}, not "${name}"`);
}

function chosen(suite: string, only: string | undefined): readonly Scenario[] {
  if (only === undefined) {
    if (suite === 'floor') return FLOOR_SCENARIOS;
    if (suite === 'secured') return SECURED_SCENARIOS;
    return suite === 'websocket' ? WEBSOCKET_SCENARIOS : BROKER_SCENARIOS;
  }
  return namedScenarios(SCENARIOS, only);
}
