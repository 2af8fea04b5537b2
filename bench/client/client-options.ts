/** Command line of the client suite. */
import { parseArgs } from 'node:util';
import { namedScenarios } from '../harness/named-scenarios.ts';
import { type BrokerName, brokerNamed } from '../harness/one-broker.ts';
import { positiveNumber } from '../harness/positive-number.ts';
import {
  CLIENT_NAMES,
  CLIENT_SCENARIOS,
  type ClientName,
  type ClientScenario,
} from './client-scenarios.ts';

export interface ClientSuiteOptions {
  readonly broker: BrokerName;
  readonly against: readonly ClientName[];
  readonly scenarios: readonly ClientScenario[];
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly rounds: number;
  readonly touchGib: number;
  readonly json: boolean;
  readonly save: boolean;
}

export const CLIENT_USAGE = `usage: npm run bench -- --suite client [options]
  --broker NAME           millrace (default) or kafka
  --against NAME[,NAME]   ${CLIENT_NAMES.join(', ')}, or all
  --only NAME[,NAME]      only these scenarios
  --seconds N             measured seconds of each turn, 4 unless given
  --warmup N              seconds before, 2 unless given
  --rounds N              turns of each client, 2 unless given; every second round in reverse
  --touch N               GB of memory touched once before the first turn
  --save                  keep the figures and render bench/README.md
  -o json                 one JSON document in place of the tables
  --list                  the scenarios`;

export function readClientOptions(args: readonly string[]): ClientSuiteOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      suite: { type: 'string' },
      broker: { type: 'string', default: 'millrace' },
      against: { type: 'string', default: '' },
      only: { type: 'string' },
      seconds: { type: 'string', default: '4' },
      warmup: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '2' },
      touch: { type: 'string', default: '0' },
      save: { type: 'boolean', default: false },
      output: { type: 'string', short: 'o', default: 'text' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || values.list) return undefined;
  return {
    broker: brokerNamed(values.broker),
    against: namesOf(values.against),
    scenarios:
      values.only === undefined ? CLIENT_SCENARIOS : namedScenarios(CLIENT_SCENARIOS, values.only),
    seconds: positiveNumber('seconds', values.seconds),
    warmupSeconds: positiveNumber('warmup', values.warmup),
    rounds: positiveNumber('rounds', values.rounds),
    touchGib: Number(values.touch),
    json: values.output === 'json',
    save: values.save,
  };
}

function namesOf(list: string): readonly ClientName[] {
  if (list === 'all') return CLIENT_NAMES;
  return list.split(',').flatMap((name) => {
    if (name === '') return [];
    const found = CLIENT_NAMES.find((each) => each === name);
    if (found === undefined) throw new Error(`--against has no client "${name}"`);
    return [found];
  });
}
