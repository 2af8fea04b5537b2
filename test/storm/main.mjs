/**
 * `npm run storm -- [--seconds 60] [--members 20] [--every-ms 200] [--seed N] [--client NAME]
 * [--protocol NAME] [--broker kafka]`; Apache Kafka is brought and started as for conformance.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Broker } from '../conformance/lib/brokers.mjs';
import { BrokerProcess } from '../crash/broker-process.mjs';
import { STORMS } from './clients.mjs';
import { Storm } from './storm.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    members: { type: 'string', default: '20' },
    'every-ms': { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    client: { type: 'string', default: '' },
    protocol: { type: 'string', default: '' },
    broker: { type: 'string', default: 'millrace' },
  },
});

/** With its port, and what ends it: that resolves to what is wrong with its end. */
async function startKafka() {
  const broker = await Broker.start('kafka');
  const end = async () => {
    const { sound } = broker;
    await broker.discard();
    return sound ? '' : 'it ended by itself';
  };
  return { port: broker.port, end };
}

async function startMillrace() {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-storm-'));
  const overrides = ['group.initial.rebalance.delay.ms=0'];
  const broker = await BrokerProcess.start(directory, { overrides });
  const end = async () => {
    broker.signal('SIGTERM');
    const how = await broker.ended();
    const complaints = broker.lines.filter((line) => !line.includes(' INFO '));
    await rm(directory, { recursive: true, force: true });
    return how === 0 && complaints.length === 0
      ? ''
      : `it ended with ${how}\n${complaints.join('\n')}`;
  };
  return { port: broker.port, end };
}

async function run({ client, protocol, command }) {
  const broker = await (values.broker === 'kafka' ? startKafka() : startMillrace());
  const name = `storm-${client}-${protocol}`;
  try {
    const storm = new Storm({
      command: await command(),
      port: broker.port,
      name,
      protocol,
      seconds: Number(values.seconds),
      members: Number(values.members),
      everyMs: Number(values['every-ms']),
      seed: Number(values.seed),
    });
    const figures = await storm.run();
    process.stdout.write(`${name}: ${JSON.stringify(figures)}\n`);
  } catch (error) {
    process.stderr.write(`${name}, seed ${values.seed}: ${error.message}\n`);
    process.exitCode = 1;
  } finally {
    const wrong = await broker.end();
    if (wrong !== '') {
      process.stderr.write(`${name}: the broker: ${wrong}\n`);
      process.exitCode = 1;
    }
  }
}

process.stdout.write(`storm: ${values.broker}, ${values.seconds} s each, seed ${values.seed}\n`);
for (const storm of STORMS) {
  if (values.client !== '' && values.client !== storm.client) continue;
  if (values.protocol !== '' && values.protocol !== storm.protocol) continue;
  await run(storm);
}
