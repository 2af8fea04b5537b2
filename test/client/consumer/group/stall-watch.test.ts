import { describe, expect, it } from 'vitest';
import { Consumer } from '../../../../src/client/consumer/consumer.ts';
import { StallWatch } from '../../../../src/client/consumer/group/stall-watch.ts';
import { KafkaError } from '../../../../src/client/errors/kafka-error.ts';
import { BrokerProcess } from '../../../support/broker-process.ts';
import { putRecords } from '../records-in.ts';

const HEARTBEAT_MS = 100;
const SESSION_MS = 1_000;

/** A watch whose timer fires when the test says so. */
function watched() {
  let nowMs = 1_000;
  const watch = new StallWatch(HEARTBEAT_MS, SESSION_MS, () => nowMs);
  watch.start();
  const pass = (ms: number) => {
    nowMs += ms;
    watch.tick();
  };
  return { watch, pass };
}

describe('the watch over the event loop', () => {
  it('says nothing while the loop runs, or stands still for a moment', () => {
    const { watch, pass } = watched();
    for (let i = 0; i < 100; i++) pass(25);
    pass(300);
    expect(watch.reason).toBeNull();
    watch.stop();
  });

  it('tells of a stall for as long as a session, and forgets it then', () => {
    const { watch, pass } = watched();
    pass(2_025);
    expect(watch.reason).toContain('the event loop was blocked for 2000 ms');
    pass(25);
    expect(watch.reason).toContain('2000 ms');
    for (let i = 0; i < 50; i++) pass(25);
    expect(watch.reason).toBeNull();
    watch.stop();
  });

  it('explains only what says that the member is none any more', () => {
    const { watch, pass } = watched();
    pass(2_000);
    const away = new KafkaError('NETWORK_EXCEPTION', 'gone');
    expect(watch.explain(away)).toBe(away);
    const out = new KafkaError('UNKNOWN_MEMBER_ID', 'not known', { topic: 't', partition: 1 });
    expect(watch.explain(out)).toMatchObject({
      code: 'UNKNOWN_MEMBER_ID',
      message: expect.stringMatching(/^not known; the event loop was blocked for/),
      topic: 't',
      partition: 1,
      cause: out,
    });
    watch.stop();
  });
});

it.each(['classic', 'consumer'] as const)(
  'a handler that blocks the event loop past its session is named as the cause (%s)',
  async (groupProtocol) => {
    const broker = await BrokerProcess.start({
      config: {
        'group.min.session.timeout.ms': 100,
        'group.consumer.min.session.timeout.ms': 100,
        'group.consumer.session.timeout.ms': 500,
        'group.consumer.min.heartbeat.interval.ms': 50,
        'group.consumer.heartbeat.interval.ms': 100,
      },
    });
    const bootstrapServers = `127.0.0.1:${broker.port}`;
    await putRecords(bootstrapServers, { topic: 'orders', partition: 0 }, ['x']);
    const errors: KafkaError[] = [];
    await using consumer = new Consumer({
      bootstrapServers,
      groupId: 'g',
      groupProtocol,
      topics: ['orders'] as string[],
      autoOffsetReset: 'earliest',
      enableAutoCommit: false,
      sessionTimeoutMs: 500,
      heartbeatIntervalMs: 100,
      onError: (error) => errors.push(error),
    });
    for await (const record of consumer) {
      const untilMs = performance.now() + 2_000;
      while (performance.now() < untilMs);
      const blocked = expect.stringMatching(/the event loop was blocked for \d+ ms/);
      await expect(consumer.commit(record)).rejects.toMatchObject({
        category: 'application-recoverable',
        message: blocked,
      });
      await expect.poll(() => errors).toMatchObject([{ message: blocked }]);
      break;
    }
    await consumer.close();
    await broker.stop();
  },
);
