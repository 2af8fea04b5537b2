/** kafkatest's contract: the verifiable programs of millrace do as Java's, also in one group. */

import { createTopics, expectEqual } from '../lib/kafka-tools.mjs';
import { CONSUMER_MAKERS, MAKERS, Verifiable } from '../lib/verifiable.mjs';

const RECORDS = 500;
const PARTITIONS = 6;
const SESSION_MS = 6_000;
const LIMIT_MS = 60_000;
const PROTOCOLS = ['classic', 'consumer'];
/** Ways in which three makers can share a group. */
const WAYS = {
  eager: ['--assignment-strategy', 'org.apache.kafka.clients.consumer.RangeAssignor'],
  cooperative: [
    '--assignment-strategy',
    'org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
  ],
  'KIP-848': null,
};
/** Members that are killed are missed soon. */
export const VERIFIABLE_CONFIG = {
  'group.consumer.session.timeout.ms': String(SESSION_MS),
  'group.consumer.min.session.timeout.ms': String(SESSION_MS),
  'group.consumer.heartbeat.interval.ms': '500',
  'group.consumer.min.heartbeat.interval.ms': '500',
};

/** Programs of one step; what is left of them ends with it. */
async function withPrograms(broker, work) {
  const started = [];
  const start = async (maker, name, flags) => {
    const program = await Verifiable.start(maker, name, broker, flags);
    started.push(program);
    return program;
  };
  try {
    return await work(start);
  } finally {
    for (const program of started) await program.discard();
  }
}

/** The fields of each kind of event, for a comparison of two programs. */
function shapes(events) {
  const found = {};
  for (const { name, ...fields } of events) found[name] ??= fieldsOf(fields);
  return found;
}

function fieldsOf(value) {
  if (Array.isArray(value)) return value.slice(0, 1).map(fieldsOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  const fields = Object.keys(value).sort();
  return Object.fromEntries(fields.map((key) => [key, fieldsOf(value[key])]));
}

function identity({ partition, offset }) {
  return `${partition}:${offset}`;
}

async function produceAll(broker, maker, topic) {
  return withPrograms(broker, async (start) => {
    const flags = ['--topic', topic, '--max-messages', String(RECORDS), '--acks', '-1'];
    const more = ['--repeating-keys', '7', '--value-prefix', '3'];
    const producer = await start(maker, 'VerifiableProducer', [...flags, ...more]);
    expectEqual(await producer.ended(), 0, 'exit status');
    const { events } = producer;
    expectEqual(events[0].name, 'startup_complete', 'first event');
    expectEqual(producer.named('producer_send_success').length, RECORDS, 'acknowledged');
    const last = events.slice(-2).map(({ name }) => name);
    expectEqual(last, ['shutdown_complete', 'tool_data'], 'last events');
    const { sent, acked, target_throughput: target } = events.at(-1);
    expectEqual([sent, acked, target], [RECORDS, RECORDS, -1], 'summary');
    return events;
  });
}

async function consumeAll(broker, maker, protocol, topic, group) {
  return withPrograms(broker, async (start) => {
    const flags = ['--topic', topic, '--group-id', group, '--group-protocol', protocol];
    const more = ['--verbose', '--max-messages', String(RECORDS)];
    const consumer = await start(maker, 'VerifiableConsumer', [...flags, ...more]);
    expectEqual(await consumer.ended(), 0, 'exit status');
    const { events } = consumer;
    expectEqual(events[0].name, 'startup_complete', 'first event');
    expectEqual(consumer.named('shutdown_complete').length, 1, 'ends');
    const counts = consumer.named('records_consumed').map(({ count }) => count);
    expectEqual(
      counts.reduce((sum, count) => sum + count, 0),
      RECORDS,
      'consumed',
    );
    const failed = consumer.named('offsets_committed').filter(({ success }) => !success);
    expectEqual(failed, [], 'failed commits');
    expectEqual(consumer.owned.size, 0, 'partitions that were not given up');
    // Java's says at its end that it was asked to end, whoever asked.
    return events.filter(({ name }) => name !== 'shutdown_requested');
  });
}

async function contract(context, broker) {
  const topic = context.unique('verifiable');
  const made = {};
  for (const maker of MAKERS) {
    await createTopics(broker, [{ name: `${topic}-${maker}`, partitions: 3 }]);
    await context.step(`${maker}'s producer`, async () => {
      made[maker] = await produceAll(broker, maker, `${topic}-${maker}`);
    });
  }
  await context.step('both say the same of records, and choose the same partitions', async () => {
    expectEqual(shapes(made.millrace), shapes(made.java), 'fields');
    const places = (events) => {
      const sent = events.filter(({ name }) => name === 'producer_send_success');
      return [...new Set(sent.map(({ key, partition }) => `${key}:${partition}`))].sort();
    };
    expectEqual(places(made.millrace), places(made.java), 'partitions of keys');
  });
  for (const protocol of PROTOCOLS) {
    const read = {};
    for (const maker of MAKERS) {
      await context.step(`${maker}'s consumer, ${protocol} protocol`, async () => {
        const group = `${topic}-${protocol}-${maker}`;
        // Each reads what the other wrote.
        const other = MAKERS.find((name) => name !== maker);
        const from = `${topic}-${other}`;
        read[maker] = await consumeAll(broker, maker, protocol, from, group);
        const data = read[maker].filter(({ name }) => name === 'record_data');
        const sent = made[other].filter(({ name }) => name === 'producer_send_success');
        expectEqual(data.map(identity).sort(), sent.map(identity).sort(), 'records');
      });
    }
    await context.step(`both say the same of a group, ${protocol} protocol`, async () => {
      expectEqual(shapes(read.millrace), shapes(read.java), 'fields');
    });
  }
}

/** Ends by a signal, held to a rate. */
async function stopped(context, broker) {
  const topic = context.unique('verifiable-rate');
  await createTopics(broker, [topic]);
  for (const maker of MAKERS) {
    await context.step(`${maker}'s producer keeps its rate, and ends well on SIGTERM`, () =>
      withPrograms(broker, async (start) => {
        const flags = ['--topic', topic, '--throughput', '200'];
        const producer = await start(maker, 'VerifiableProducer', flags);
        await producer.until(
          '600 records',
          (one) => one.named('producer_send_success').length > 600,
        );
        await producer.stop();
        const acknowledged = producer.named('producer_send_success');
        const [{ timestamp: startMs }] = producer.named('startup_complete');
        const seconds = (acknowledged.at(-1).timestamp - startMs) / 1_000;
        const rate = acknowledged.length / seconds;
        if (rate < 100 || rate > 300) throw new Error(`${rate} records a second in place of 200`);
        const { sent, acked } = producer.named('tool_data')[0];
        expectEqual(acked, sent, 'acknowledged of what was sent');
      }),
    );
  }
}

/** A member of each maker shares the partitions; one goes, well or killed; the other takes over. */
async function mixedGroup(context, broker, protocol, leaving, isKilled) {
  const topic = context.unique(`verifiable-mixed-${protocol}-${leaving}`);
  await createTopics(broker, [{ name: topic, partitions: PARTITIONS }]);
  const session = protocol === 'classic' ? ['--session-timeout', String(SESSION_MS)] : [];
  await withPrograms(broker, async (start) => {
    const producer = await start(leaving, 'VerifiableProducer', [
      ...['--topic', topic, '--throughput', '300'],
    ]);
    const group = ['--topic', topic, '--group-id', topic, '--group-protocol', protocol];
    const flags = [...group, '--verbose', ...session];
    const members = [];
    for (const maker of MAKERS) members.push(await start(maker, 'VerifiableConsumer', flags));
    const half = PARTITIONS / 2;
    for (const member of members) {
      await member.until('half of the partitions', ({ owned }) => owned.size === half);
    }
    const both = new Set(members.flatMap(({ owned }) => [...owned]));
    expectEqual(both.size, PARTITIONS, 'partitions with an owner');
    for (const member of members) {
      const seen = member.events.length;
      await member.until('records', ({ events }) =>
        events.slice(seen).some(({ name }) => name === 'records_consumed'),
      );
    }
    const left = members.find(({ maker }) => maker === leaving);
    const stays = members.find(({ maker }) => maker !== leaving);
    if (isKilled) await left.kill();
    else await left.stop();
    await stays.until('all partitions', ({ owned }) => owned.size === PARTITIONS);
    await producer.stop();
    const sent = producer.named('producer_send_success').map(identity);
    const seen = () => members.flatMap((member) => member.named('record_data').map(identity));
    await stays.until('all records', () => new Set(seen()).size === sent.length);
    await stays.stop();
    expectEqual(new Set(sent).size, sent.length, 'records sent');
    // Whoever is killed has read what it could not commit.
    if (!isKilled) expectEqual(seen().length, sent.length, 'records read');
  });
}

/** Looks now and then: what it waits for is told by several programs. */
async function eventually(what, isSo) {
  const endMs = Date.now() + LIMIT_MS;
  while (!isSo()) {
    if (Date.now() > endMs) throw new Error(`did not happen: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Each has its share, all shares are different ones, and records come to each. */
async function untilShared(members) {
  const share = PARTITIONS / members.length;
  const shares = () => members.map(({ maker, owned }) => `${maker} has ${[...owned].join()}`);
  await eventually(
    () => `${share} partitions for each: ${shares().join('; ')}`,
    () => {
      const all = new Set(members.flatMap(({ owned }) => [...owned]));
      return all.size === PARTITIONS && members.every(({ owned }) => owned.size === share);
    },
  );
  const before = new Map(members.map((member) => [member, member.events.length]));
  const hasRead = (member) =>
    member.events.slice(before.get(member)).some(({ name }) => name === 'records_consumed');
  await eventually(
    () => `records for each of ${members.map(({ maker }) => maker).join()}`,
    () => members.every(hasRead),
  );
}

/** A member of each of three makers; each of them goes and comes back while records flow. */
async function threeMakers(context, broker, way, strategy) {
  const topic = context.unique(`verifiable-three-${way.toLowerCase()}`);
  await createTopics(broker, [{ name: topic, partitions: PARTITIONS }]);
  const protocol = strategy === null ? 'consumer' : 'classic';
  const session = ['--session-timeout', String(SESSION_MS)];
  const group = ['--topic', topic, '--group-id', topic, '--group-protocol', protocol];
  const flags = [...group, '--verbose', ...(strategy === null ? [] : [...session, ...strategy])];
  await withPrograms(broker, async (start) => {
    const rate = ['--topic', topic, '--throughput', '300'];
    const producer = await start('millrace', 'VerifiableProducer', rate);
    const everybody = [];
    const join = async (maker) => {
      const member = await start(maker, 'VerifiableConsumer', flags);
      everybody.push(member);
      return member;
    };
    const members = [];
    for (const maker of CONSUMER_MAKERS) members.push(await join(maker));
    await untilShared(members);
    for (const [i, maker] of CONSUMER_MAKERS.entries()) {
      const left = members[i];
      await left.stop();
      await untilShared(members.filter((member) => member !== left));
      members[i] = await join(maker);
      await untilShared(members);
    }
    await producer.stop();
    const sent = producer.named('producer_send_success').map(identity);
    const seen = () => everybody.flatMap((member) => member.named('record_data').map(identity));
    await eventually(
      () => `${sent.length} records: there are ${new Set(seen()).size}`,
      () => new Set(seen()).size === sent.length,
    );
    for (const member of members) await member.stop();
    expectEqual(readTwice(everybody), [], 'read again, though their commit had succeeded');
  });
}

/**
 * Records that came more than once. Java's member commits while its group rebalances, which is
 * refused by Kafka too; what that commit was for comes again.
 */
function readTwice(members) {
  const read = new Set();
  const again = new Set();
  for (const { events } of members) {
    let uncertain = [];
    for (const event of events) {
      if (event.name === 'record_data') uncertain.push(identity(event));
      if (event.name !== 'offsets_committed') continue;
      for (const record of event.success ? uncertain : []) {
        if (read.has(record)) again.add(record);
        read.add(record);
      }
      uncertain = [];
    }
  }
  return [...again];
}

async function mixedGroups(context, broker, waysToGo) {
  for (const protocol of PROTOCOLS) {
    for (const leaving of MAKERS) {
      for (const isKilled of waysToGo) {
        const how = isKilled ? 'is killed' : 'leaves';
        await context.step(`one group of both, ${protocol} protocol: ${leaving}'s ${how}`, () =>
          mixedGroup(context, broker, protocol, leaving, isKilled),
        );
      }
    }
  }
}

/** The shorter part, which `broker` may also stand for a cluster in. */
export async function verifiableBriefly(context, broker) {
  await contract(context, broker);
  await mixedGroups(context, broker, [true]);
}

async function verifiable(context) {
  const broker = await context.ownBroker({ config: VERIFIABLE_CONFIG });
  await contract(context, broker);
  await stopped(context, broker);
  await mixedGroups(context, broker, [false, true]);
  for (const [way, strategy] of Object.entries(WAYS)) {
    await context.step(`one group with Java and librdkafka, ${way}: each goes and comes`, () =>
      threeMakers(context, broker, way, strategy),
    );
  }
}

export const verifiableChecks = [
  {
    name: 'verifiable',
    proves:
      "kafkatest's contract: millrace's verifiable programs and Java's, in one group too, also with librdkafka's",
    needs: 'java, mvn, python3',
    command: 'millrace verifiable-producer | verifiable-consumer …, and those of Java',
    sets: ['full'],
    limitS: 900,
    run: verifiable,
  },
];
