/**
 * `npm run crash -- --rounds 200 [--seed N] [--durability group] [--groups]`, or
 * `--transactions [--broker kafka]`, or `--streams [--pattern comings|stops]
 * [--guarantee at_least_once] [--protocol streams] [--broker kafka]`
 */
import { parseArgs } from 'node:util';
import { CrashRun } from './crash-run.mjs';
import { GroupCrashRun } from './group-crash-run.mjs';
import { KafkaProcess } from './kafka-process.mjs';
import { StreamsComingsRun } from './streams-comings-run.mjs';
import { StreamsCrashRun } from './streams-crash-run.mjs';
import { StreamsStopsRun } from './streams-stops-run.mjs';
import { TransactionCrashRun } from './transaction-crash-run.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    durability: { type: 'string', default: 'os' },
    groups: { type: 'boolean', default: false },
    transactions: { type: 'boolean', default: false },
    streams: { type: 'boolean', default: false },
    pattern: { type: 'string', default: 'kills' },
    guarantee: { type: 'string', default: 'exactly_once_v2' },
    protocol: { type: 'string', default: 'classic' },
    broker: { type: 'string', default: 'millrace' },
    quiet: { type: 'boolean', default: false },
  },
});

/** So that it does not take its own last life for another broker with its id. */
const KAFKA_SETTINGS = ['broker.session.timeout.ms=1500', 'broker.heartbeat.interval.ms=300'];

const seed = Number(values.seed);
process.stdout.write(`crash: ${values.rounds} rounds, seed ${seed}\n`);
const isKafka = values.broker === 'kafka';
const STREAMS_RUNS = {
  kills: StreamsCrashRun,
  comings: StreamsComingsRun,
  stops: StreamsStopsRun,
};

function chosenRun() {
  if (values.streams) return STREAMS_RUNS[values.pattern];
  if (values.transactions) return TransactionCrashRun;
  return values.groups ? GroupCrashRun : CrashRun;
}

const run = new (chosenRun())({
  rounds: Number(values.rounds),
  seed,
  guarantee: values.guarantee,
  protocol: values.protocol,
  overrides: isKafka ? KAFKA_SETTINGS : [`millrace.durability=${values.durability}`],
  Broker: isKafka ? KafkaProcess : undefined,
  report: values.quiet ? () => {} : (line) => process.stdout.write(`${line}\n`),
});
try {
  const figures = await run.run();
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} catch (error) {
  process.stderr.write(`crash: seed ${seed}: ${error.stack}\n`);
  process.exitCode = 1;
}
