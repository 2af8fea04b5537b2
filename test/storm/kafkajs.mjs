/**
 * Members of one group in one process, that come and go as standard input says: "join NAME",
 * "leave NAME". What happens to them is told in lines of JSON, in its order.
 */
import { createInterface } from 'node:readline';
import kafkajs from 'kafkajs';

const { Kafka, logLevel } = kafkajs;
const [, , bootstrap, topic, groupId] = process.argv;
const members = new Map();
const leaving = [];

function tell(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

async function join(member) {
  const kafka = new Kafka({
    brokers: [bootstrap],
    logLevel: logLevel.NOTHING,
    retry: {
      initialRetryTime: 50,
      retries: 20,
      // One that is told to leave while the group rebalances crashes in KafkaJS, and would be back.
      restartOnFailure: async () => members.has(member),
    },
  });
  const consumer = kafka.consumer({
    groupId,
    heartbeatInterval: 100,
    sessionTimeout: 10_000,
    rebalanceTimeout: 15_000,
    maxWaitTimeInMs: 100,
    allowAutoTopicCreation: false,
  });
  let entered = () => {};
  const hasEntered = new Promise((resolve) => {
    entered = resolve;
  });
  let owned = [];
  const giveUp = (how) => {
    if (owned.length > 0) tell({ event: how, member, partitions: owned });
    owned = [];
  };
  const { GROUP_JOIN, REBALANCING, CRASH, STOP } = consumer.events;
  consumer.on(REBALANCING, () => giveUp('revoked'));
  consumer.on(STOP, () => giveUp('revoked'));
  consumer.on(GROUP_JOIN, ({ payload }) => {
    giveUp('revoked');
    owned = payload.memberAssignment[topic] ?? [];
    tell({ event: 'assigned', member, partitions: owned });
    entered();
  });
  consumer.on(CRASH, ({ payload }) => {
    giveUp('lost');
    const { error, restart } = payload;
    if (members.has(member)) {
      tell({ event: restart ? 'error' : 'failed', member, error: String(error) });
    }
    if (!restart) entered();
  });
  members.set(member, { consumer, hasEntered });
  tell({ event: 'joining', member });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommitThreshold: 1,
    eachBatch: async ({ batch }) => {
      const { partition, messages } = batch;
      const to = Number(messages.at(-1).offset) + 1;
      tell({ event: 'read', member, partition, from: Number(messages[0].offset), to });
    },
  });
}

async function leave(member) {
  const { consumer, hasEntered } = members.get(member);
  members.delete(member);
  // KafkaJS that is disconnected while it joins leaves a member behind that no one beats for.
  await hasEntered;
  await consumer.disconnect();
  tell({ event: 'left', member });
}

function failed(member) {
  return (error) => tell({ event: 'failed', member, error: String(error) });
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [word, member] = line.split(' ');
    if (word === 'join') join(member).catch(failed(member));
    else leaving.push(leave(member).catch(failed(member)));
  })
  .on('close', async () => {
    for (const member of [...members.keys()]) leaving.push(leave(member).catch(failed(member)));
    await Promise.all(leaving);
    process.exit(0);
  });
