import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { camelName } from '../../../src/client/config/option-names.ts';
import { CONSUMER_DEFAULTS } from '../../../src/client/consumer/consumer-options.ts';
import { PRODUCER_DEFAULTS } from '../../../src/client/producer/producer-options.ts';
import { SHARE_DEFAULTS } from '../../../src/client/share/share-options.ts';

/** What ProducerConfig and ConsumerConfig of Apache Kafka 4.3.1 define, without ssl and sasl. */
const OF_BOTH = `
bootstrap.servers client.dns.lookup client.id config.providers connections.max.idle.ms
enable.metrics.push interceptor.classes metadata.max.age.ms
metadata.recovery.rebootstrap.trigger.ms metadata.recovery.strategy metric.reporters
metrics.num.samples metrics.recording.level metrics.sample.window.ms receive.buffer.bytes
reconnect.backoff.max.ms reconnect.backoff.ms request.timeout.ms retry.backoff.max.ms
retry.backoff.ms security.protocol security.providers send.buffer.bytes
socket.connection.setup.timeout.max.ms socket.connection.setup.timeout.ms`;
const OF_PRODUCERS = `
acks batch.size buffer.memory compression.gzip.level compression.lz4.level compression.type
compression.zstd.level delivery.timeout.ms enable.idempotence key.serializer linger.ms
max.block.ms max.in.flight.requests.per.connection max.request.size metadata.max.idle.ms
partitioner.adaptive.partitioning.enable partitioner.availability.timeout.ms partitioner.class
partitioner.ignore.keys retries transaction.timeout.ms transaction.two.phase.commit.enable
transactional.id value.serializer`;
const OF_CONSUMERS = `
allow.auto.create.topics auto.commit.interval.ms auto.offset.reset check.crcs client.rack
default.api.timeout.ms enable.auto.commit exclude.internal.topics fetch.max.bytes
fetch.max.wait.ms fetch.min.bytes group.id group.instance.id group.protocol
group.remote.assignor heartbeat.interval.ms isolation.level key.deserializer
max.partition.fetch.bytes max.poll.interval.ms max.poll.records partition.assignment.strategy
session.timeout.ms value.deserializer`;
const OF_SHARE_CONSUMERS =
  'share.acknowledgement.mode share.acquire.mode max.poll.records group.id';

const README = readFileSync(join(import.meta.dirname, '../../../src/client/README.md'), 'utf8');
const TABLE = /^## Settings\n(.*?)^## /ms.exec(README)![1]!;

function namesIn(text: string): string[] {
  return text.trim().split(/\s+/);
}

describe('the settings of Kafka 4.3.1', () => {
  it.each([
    ['Producer', OF_BOTH + OF_PRODUCERS, PRODUCER_DEFAULTS],
    ['Consumer', OF_BOTH + OF_CONSUMERS, CONSUMER_DEFAULTS],
    ['ShareConsumer', OF_SHARE_CONSUMERS, SHARE_DEFAULTS],
  ])('are options of %s, or in the list of what is not there', (_client, names, defaults) => {
    const missing = namesIn(names).filter((name) => {
      return !Object.hasOwn(defaults, camelName(name)) && !TABLE.includes(`\`${name}\``);
    });
    expect(missing).toEqual([]);
  });

  it('are not in that list where they are options', () => {
    const listed = [...TABLE.matchAll(/`([a-z.]+\.[a-z.]+)`/g)].map(([, name]) => name!);
    const there = listed.filter((name) => {
      const key = camelName(name);
      return Object.hasOwn(PRODUCER_DEFAULTS, key) || Object.hasOwn(CONSUMER_DEFAULTS, key);
    });
    expect(listed.length).toBeGreaterThan(10);
    expect(there).toEqual([]);
  });
});
