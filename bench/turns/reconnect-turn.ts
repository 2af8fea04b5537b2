/**
 * Many subscribed sockets are cut at once beside a steady produce load, and come back at once where
 * they stood: how long until each has everything that was there when it came back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../bench-options.ts';
import type { BrokerProcess } from '../brokers/broker-process.ts';
import type { Figures } from '../figures.ts';
import type { Contestant } from '../harness/contestant.ts';
import { startLoad } from '../harness/load-process.ts';
import { openMillraceSubscriber, type Subscriber } from '../load/subscriber.ts';
import type { Scenario } from '../scenario.ts';

const SOCKETS = 1000;
const AT_ONCE = 50;
const RECEIVE_BYTES = 16_384;
const AWAY_MS = 1000;
const LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 10;

interface Place {
  readonly broker: BrokerProcess;
  readonly topic: string;
  /** Of each socket: the offset behind the last record it had. */
  readonly had: Float64Array;
}

async function openAt(place: Place, index: number, from: 'latest' | number): Promise<Subscriber> {
  const { hostname, port } = new URL(place.broker.httpUrl);
  return openMillraceSubscriber({
    address: { host: hostname, port: Number(port), path: '/ws' },
    subprotocol: 'millrace.batch',
    topic: place.topic,
    from,
    receiveBytes: RECEIVE_BYTES,
    onDelivered: (until) => {
      place.had[index] = until;
    },
  });
}

async function untilAll(had: Float64Array, least: number): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (had.some((offset) => offset < least)) {
    if (performance.now() > deadline) throw new Error('not all sockets caught up in a minute');
    await sleep(LOOK_EVERY_MS);
  }
}

export async function reconnectTurn(
  scenario: Scenario,
  who: Contestant,
  options: BenchOptions,
): Promise<Figures> {
  const broker = await who.shared();
  const load = startLoad(broker, scenario.args, options.warmupSeconds, LIMIT_MS / 1000);
  const topic = await load.topic;
  const place = { broker, topic, had: new Float64Array(SOCKETS).fill(-1) };
  const first: Subscriber[] = [];
  while (first.length < SOCKETS) {
    const opening = Array.from({ length: AT_ONCE }, (_, at) =>
      openAt(place, first.length + at, 'latest'),
    );
    first.push(...(await Promise.all(opening)));
  }
  await untilAll(place.had, 0);
  for (const socket of first) socket.close();
  await sleep(AWAY_MS);
  const fromMs = performance.now();
  const again = await Promise.all(
    Array.from(place.had, (offset, index) => openAt(place, index, offset)),
  );
  const reopenedMs = performance.now() - fromMs;
  await untilAll(place.had, Math.max(...place.had));
  const caughtUpMs = performance.now() - fromMs;
  for (const socket of again) socket.close();
  load.stop();
  await load.result.catch(() => {});
  return { reopenedMs, caughtUpMs };
}
