/**
 * What millrace/streams makes of a case, in the words of the judge. `more` are options of the test
 * driver.
 */

import { text as textSerde } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { TestDriver } from '#millrace/streams/testing/test-driver';
import { buildCase } from './build-case.mjs';
import { text } from './functions.mjs';

export function playCase(judged, more = {}) {
  const answer = {};
  let topology;
  try {
    topology = buildCase(judged);
    answer.describe = topology.toString();
  } catch (thrown) {
    return { error: String(thrown) };
  }
  if (judged.input === undefined) return answer;
  const startMs = judged.startMs ?? 0;
  const applicationId = judged.applicationId ?? 'judge';
  const cacheBytes = Number(judged.config?.['statestore.cache.max.bytes'] ?? 0);
  const options = { oneTask: true, statestoreCacheMaxBytes: cacheBytes, ...more };
  const driver = new TestDriver(topology, { ...options, applicationId, startMs });
  try {
    for (const event of judged.input) play(driver, event);
  } catch (thrown) {
    answer.error = String(thrown);
  }
  answer.topics = outputs(driver);
  answer.stores = stores(driver);
  for (const store of driver.stores().values()) store.close();
  return answer;
}

function play(driver, { advanceMs, topic: name, k, v, t, h = [] }) {
  if (advanceMs !== undefined) driver.advance(advanceMs);
  else {
    const input = driver.input(topic(name, { key: textSerde, value: textSerde }));
    input.send({ key: k, value: v, timestamp: t, headers: h });
  }
}

/** What the application wrote: what a test wrote itself is no output. */
function outputs(driver) {
  const topics = {};
  for (const name of driver.topics()) {
    const written = driver.written(name);
    if (written.length === 0) continue;
    topics[name] = written.map(({ key, value, timestamp, headers }) => {
      const pairs = Array.from(headers, ([header, bytes]) => [header, base64(bytes)]);
      return [base64(key), base64(value), timestamp, pairs];
    });
  }
  return topics;
}

function base64(part) {
  return part === null ? null : Buffer.from(part).toString('base64');
}

function stores(driver) {
  const dumps = {};
  for (const [name, store] of driver.stores()) {
    const rows = rowsOf(store);
    if (rows === null || rows.some(({ value }) => typeof value === 'object')) continue;
    dumps[name] = rows.map(({ key, value, timestamp = -1 }) => {
      return `${text(key)}=${text(value)}${timestamp >= 0 ? `@${timestamp}` : ''}`;
    });
  }
  return dumps;
}

/** Null where it is a store that only operators understand. */
function rowsOf(store) {
  if ('findSessions' in store) return [...store.fetchRange(null, null)];
  if ('all' in store && ('fetchAll' in store || 'range' in store)) return [...store.all()];
  return null;
}
