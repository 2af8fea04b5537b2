/**
 * A broker dies when it has batches of an idempotent producer whose answers are lost. It comes
 * back, the producer sends all of them again, and each must be there once.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { createTopics } from '../lib/kafka-tools.mjs';
import { JavaWriter, judge, readAll, SteadyWriter } from '../lib/replica-history.mjs';
import { WaitingProxy } from '../lib/waiting-proxy.mjs';

const ROUNDS = 3;
/** Until the producer has sent as many batches as it may without an answer. */
const STUCK_MS = 1_500;
const PER_SECOND = 500;

const WRITERS = {
  async java(to) {
    const writer = await JavaWriter.start({ ...to, perSecond: PER_SECOND });
    return { writer, goesOn: () => writer.untilMore(PER_SECOND) };
  },
  async millrace(to) {
    const options = { ...to, name: 'writer', partitions: 1, perSecond: PER_SECOND };
    const writer = await SteadyWriter.start(options);
    return { writer, goesOn: () => writer.untilAllGoOn() };
  },
};

async function killedUnanswered(context, maker) {
  const proxy = await WaitingProxy.start();
  const at = `127.0.0.1:${proxy.port}`;
  try {
    const config = { 'advertised.listeners': `PLAINTEXT://${at}` };
    const broker = await context.ownBroker({ config });
    proxy.target = broker.port;
    const topic = context.unique(`unanswered-${maker}`);
    await createTopics(broker, [topic]);
    const { writer, goesOn } = await WRITERS[maker]({ bootstrap: at, topic });
    try {
      await goesOn();
      for (let round = 0; round < ROUNDS; round += 1) {
        proxy.mute();
        await pause(STUCK_MS);
        broker.signal('SIGKILL');
        await broker.restart();
        await goesOn();
      }
      await writer.end();
      const node = { host: broker.host, port: broker.port, isUp: true };
      const logs = [await readAll({ brokers: [node], broker: () => node }, topic, 0)];
      judge({ logs, acked: writer.acked });
    } finally {
      await writer.discard();
    }
  } finally {
    proxy.close();
  }
}

export const idempotenceChecks = [
  {
    name: 'idempotence-kills',
    proves: 'kill -9 when answers are lost: each batch that is sent again is there once',
    needs: 'java, mvn',
    command: 'npm run conformance -- --broker both --only idempotence-kills',
    sets: ['full', 'cluster'],
    limitS: 600,
    async run(context) {
      for (const maker of Object.keys(WRITERS)) {
        await context.step(`the producer of ${maker}`, () => killedUnanswered(context, maker));
      }
    },
  },
];
