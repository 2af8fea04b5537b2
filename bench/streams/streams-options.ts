/** Command line of the streams suite. */
import { parseArgs } from 'node:util';
import { namedScenarios } from '../harness/named-scenarios.ts';
import { type BrokerName, brokerNamed } from '../harness/one-broker.ts';
import { positiveNumber } from '../harness/positive-number.ts';
import {
  STREAMS_RIVALS,
  STREAMS_SCENARIOS,
  type StreamsRivalName,
  type StreamsScenario,
} from './streams-scenarios.ts';

export interface StreamsSuiteOptions {
  readonly broker: BrokerName;
  /** Who runs the same topologies in turn; undefined for nobody. */
  readonly against: StreamsRivalName | undefined;
  readonly scenarios: readonly StreamsScenario[];
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly rounds: number;
  readonly json: boolean;
}

export const STREAMS_USAGE = `usage: npm run bench -- --suite streams [options]
  --broker NAME           millrace (default) or kafka
  --against NAME          another library in turn, in the rows that it can run: java for Kafka
                          Streams, kafkats for @kafkats/flow, kafka-streams for that of npm
  --only NAME[,NAME]      only these scenarios
  --seconds N             measured seconds of each turn, 4 unless given
  --warmup N              seconds before, from the first record on, 2 unless given
  --rounds N              turns of each scenario, 2 unless given; the middle counts
  -o json                 one JSON document in place of the tables
  --list                  the scenarios`;

export function readStreamsOptions(args: readonly string[]): StreamsSuiteOptions | undefined {
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
      output: { type: 'string', short: 'o', default: 'text' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || values.list) return undefined;
  const against = STREAMS_RIVALS.find((name) => name === values.against);
  if (against === undefined && values.against !== '') {
    throw new Error(`--against knows ${STREAMS_RIVALS.join(', ')}, not "${values.against}"`);
  }
  const rounds = positiveNumber('rounds', values.rounds);
  if (!Number.isInteger(rounds)) throw new Error(`--rounds takes a whole number, not "${rounds}"`);
  return {
    broker: brokerNamed(values.broker),
    against,
    scenarios:
      values.only === undefined
        ? STREAMS_SCENARIOS
        : namedScenarios(STREAMS_SCENARIOS, values.only),
    seconds: positiveNumber('seconds', values.seconds),
    warmupSeconds: positiveNumber('warmup', values.warmup),
    rounds,
    json: values.output === 'json',
  };
}
