/** A start after a clean stop, and one after a kill, with many producers to remember. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../bench-options.ts';
import type { BrokerProcess } from '../brokers/broker-process.ts';
import type { Figures } from '../figures.ts';
import type { Contestant } from '../harness/contestant.ts';
import { createTopic } from '../load/admin.ts';
import { ControlClient } from '../load/control-client.ts';
import { openTransactions, writeKnownProducers } from '../load/known-producers.ts';
import { LoadConnection } from '../load/load-connection.ts';
import { anonymousBytesOf, cpuSecondsOf } from '../load/process-stats.ts';
import type { Scenario } from '../scenario.ts';

const PRODUCERS = 1_000_000;
const TRANSACTIONS = 10_000;
const PARTITIONS = 10;
/** Enough that every partition and every coordinator has some. */
const FEW = 200;
const SETTLE_MS = 2000;
const MIB = 1024 * 1024;

export async function restartTurn(
  _scenario: Scenario,
  who: Contestant,
  _options: BenchOptions,
): Promise<Figures> {
  const folder = who.freshFolder();
  const first = await who.start(folder);
  await write(first, PRODUCERS, TRANSACTIONS, 'open');
  const stopMs = await first.stop();
  const second = await startWithAll(who, folder, 'second');
  await sleep(SETTLE_MS);
  const brokerPeakMib = anonymousBytesOf(second.broker.pid) / MIB;
  await second.broker.kill();
  const third = await startWithAll(who, folder, 'third');
  await third.broker.stop();
  await who.discard(folder);
  return {
    startMs: second.readyMs,
    startCpuSeconds: second.cpuSeconds,
    killedStartMs: third.readyMs,
    killedStartCpuSeconds: third.cpuSeconds,
    stopMs,
    brokerPeakMib,
  };
}

/** Until all partitions take producers that they know, and all coordinators new transactions. */
async function startWithAll(who: Contestant, folder: string, name: string) {
  const fromMs = performance.now();
  const broker = await who.start(folder);
  await write(broker, FEW, FEW, name);
  return { broker, readyMs: performance.now() - fromMs, cpuSeconds: cpuSecondsOf(broker.pid) };
}

async function write(
  { host, port }: BrokerProcess,
  producers: number,
  transactions: number,
  prefix: string,
): Promise<void> {
  const control = await ControlClient.connect(host, port);
  const connection = await LoadConnection.open(host, port);
  const topic = { name: 'known', partitions: PARTITIONS, configs: {} };
  await createTopic(control, topic);
  await writeKnownProducers(connection, topic, producers);
  await openTransactions({ control, connection, topic, prefix }, transactions);
  connection.close();
  control.close();
}
