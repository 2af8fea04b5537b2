/**
 * Many sockets subscribe and then get nothing. The figure is what each of them costs the broker.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figures } from '../figures.ts';
import type { Contestant } from '../harness/contestant.ts';
import { createTopic } from '../load/admin.ts';
import { ControlClient } from '../load/control-client.ts';
import { anonymousBytesOf } from '../load/process-stats.ts';
import { openMillraceSubscriber, type Subscriber } from '../load/subscriber.ts';
import type { Scenario } from '../scenario.ts';

const SOCKETS = 10_000;
const AT_ONCE = 100;
const RECEIVE_BYTES = 2048;
const SETTLE_MS = 3000;
const TOPIC = 'idle-sockets';

export async function idleSocketsTurn(_scenario: Scenario, who: Contestant): Promise<Figures> {
  const folder = who.freshFolder();
  const broker = await who.start(folder);
  const control = await ControlClient.connect(broker.host, broker.port);
  await createTopic(control, { name: TOPIC, partitions: 1, configs: {} });
  control.close();
  const { hostname, port } = new URL(broker.httpUrl);
  const settings = {
    address: { host: hostname, port: Number(port), path: '/ws' },
    subprotocol: 'millrace.json',
    topic: TOPIC,
    from: 'latest',
    receiveBytes: RECEIVE_BYTES,
  } as const;
  await sleep(SETTLE_MS);
  const before = anonymousBytesOf(broker.pid);
  const sockets: Subscriber[] = [];
  while (sockets.length < SOCKETS) {
    const opening = Array.from({ length: AT_ONCE }, () => openMillraceSubscriber(settings));
    sockets.push(...(await Promise.all(opening)));
  }
  await sleep(SETTLE_MS);
  const grown = anonymousBytesOf(broker.pid) - before;
  for (const socket of sockets) socket.close();
  await broker.stop();
  await who.discard(folder);
  return { kibPerSocket: grown / 1024 / SOCKETS };
}
