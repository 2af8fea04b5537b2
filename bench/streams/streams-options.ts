/** Command line of the streams suite. */
import { parseArgs } from 'node:util';
import { STREAMS_SCENARIOS, type StreamsScenario } from './streams-scenarios.ts';

export interface StreamsSuiteOptions {
  readonly broker: 'millrace' | 'kafka';
  readonly againstJava: boolean;
  readonly scenarios: readonly StreamsScenario[];
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly rounds: number;
  readonly json: boolean;
}

export const STREAMS_USAGE = `usage: npm run bench -- --suite streams [options]
  --broker NAME           millrace (default) or kafka
  --against java          Kafka Streams for Java in turn, in the rows that flow
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
  const { broker } = values;
  if (broker !== 'millrace' && broker !== 'kafka') {
    throw new Error(`--broker knows millrace and kafka, not "${broker}"`);
  }
  const { against } = values;
  if (against !== '' && against !== 'java') {
    throw new Error(`--against knows java, not "${against}"`);
  }
  const rounds = positive('rounds', values.rounds);
  if (!Number.isInteger(rounds)) throw new Error(`--rounds takes a whole number, not "${rounds}"`);
  return {
    broker,
    againstJava: against === 'java',
    scenarios: chosen(values.only),
    seconds: positive('seconds', values.seconds),
    warmupSeconds: positive('warmup', values.warmup),
    rounds,
    json: values.output === 'json',
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0, not "${text}"`);
  return value;
}

function chosen(only: string | undefined): readonly StreamsScenario[] {
  if (only === undefined) return STREAMS_SCENARIOS;
  return only.split(',').map((name) => {
    const found = STREAMS_SCENARIOS.find((scenario) => scenario.name === name);
    if (found === undefined) throw new Error(`no scenario "${name}"; --list shows all`);
    return found;
  });
}
