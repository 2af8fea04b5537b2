/** Kafka's smoke test of Streams: its topics, and its driver, which writes and judges. */

import { createTopics } from './kafka-tools.mjs';
import { judged, untilQuiet } from './streams-apps.mjs';

/** The applications' group. */
export const SMOKE_GROUP = 'SmokeTest';
const PARTITIONS = 5;
const TOPICS = [
  ...['data', 'echo', 'min', 'min-suppressed', 'min-raw', 'max', 'sum', 'sws-raw'],
  ...['sws-suppressed', 'dif', 'cnt', 'avg', 'tagg', 'fk'],
];

/** A broker of the check's own that has the topics. */
export async function smokeBroker(context, options) {
  const broker = await context.ownBroker(options);
  await createTopics(
    broker,
    TOPICS.map((name) => ({ name, partitions: PARTITIONS })),
  );
  return broker;
}

/**
 * The driver writes `perKey` records of each key, spread over so many seconds, while applications are
 * disturbed. It judges once that is over and they have nothing to do.
 */
export async function smokeJudged(broker, guarantee, load, logFile, disturbing) {
  const { keys, perKey, seconds } = load;
  const args = [broker.bootstrap, keys, perKey, guarantee, seconds, 'waits'];
  const quiet = () => disturbing.then(() => untilQuiet(broker, SMOKE_GROUP));
  const work = [judged('SmokeDriver', args, logFile, quiet), disturbing];
  // What goes wrong first is what is told, once nobody starts an application any more.
  await Promise.all(work).finally(() => Promise.allSettled(work));
}
