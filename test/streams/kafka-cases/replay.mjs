/** Plays what was recorded of Kafka's own test to a topology, and writes down what comes of it. */

import { custom } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { TestDriver } from '#millrace/streams/testing/test-driver';

/** Bytes as they were recorded go in, whatever the source makes of them. */
const raw = custom({ serialize: (bytes) => bytes, deserialize: (bytes) => bytes });

/** Text, or base64 behind a colon; null stays null. */
function bytesOf(recorded) {
  if (recorded === null) return null;
  if (recorded.startsWith(':')) return Buffer.from(recorded.slice(1), 'base64');
  return Buffer.from(recorded);
}

function recordedText(bytes) {
  if (bytes === null) return null;
  const text = Buffer.from(bytes).toString();
  const isText = Buffer.from(text).equals(Buffer.from(bytes)) && /^[ -~]*$/.test(text);
  if (isText && !text.startsWith(':')) return text;
  return `:${Buffer.from(bytes).toString('base64')}`;
}

/** As Java prints keys and values. */
function javaText(value) {
  if (value === null || value === undefined) return 'null';
  if (typeof value !== 'object') return String(value);
  if ('window' in value)
    return `[${javaText(value.key)}@${value.window.start}/${value.window.end}]`;
  if ('newValue' in value) return `(${javaText(value.newValue)}<-${javaText(value.oldValue)})`;
  return JSON.stringify(value);
}

/**
 * Builds the topology with `build(builder, see)` and plays one recorded run. `see` stands where
 * Kafka's test has its processor.
 */
export function replay(run, build, defaults) {
  const seen = [];
  const see = () => ({
    process: ({ key, value, timestamp }) => {
      seen.push(`${javaText(key)}=${javaText(value)}@${timestamp}`);
    },
  });
  // The configuration of a driver does not say how its topology was built.
  const built = ['none', 'all'].map((optimization) => {
    const builder = new StreamsBuilder({ defaults });
    build(builder, see);
    return builder.build({ optimization });
  });
  const topology = built.find((each) => each.toString() === run.describe) ?? built[0];
  const driver = new TestDriver(topology, {
    oneTask: true,
    applicationId: run.applicationId ?? 'test',
    startMs: run.startMs,
    statestoreCacheMaxBytes: run.cacheBytes,
  });
  for (const event of run.events) {
    if (typeof event[0] === 'number') driver.advance(event[0]);
    else {
      const [name, key, value, timestamp, headers = []] = event;
      const pairs = headers.map(([header, bytes]) => [header, bytesOf(bytes)]);
      const input = driver.input(topic(name, { key: raw, value: raw }));
      input.send({ key: bytesOf(key), value: bytesOf(value), timestamp, headers: pairs });
    }
  }
  const outputs = {};
  for (const [name, wanted] of Object.entries(run.outputs)) {
    outputs[name] = driver.written(name).map(({ key, value, timestamp, headers }, i) => {
      // A record without a time gets it from the producer.
      const time = wanted[i]?.[2] === -1 ? -1 : timestamp;
      const record = [recordedText(key), recordedText(value), time];
      const pairs = Array.from(headers, ([header, bytes]) => [header, recordedText(bytes)]);
      return pairs.length === 0 ? record : [...record, pairs];
    });
  }
  driver.close();
  return { describe: topology.toString(), outputs, seen };
}
