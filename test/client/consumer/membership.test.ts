import { describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import { Admin } from '../../../src/client/admin/admin.ts';
import type { GroupDescription } from '../../../src/client/admin/group-description.ts';
import { readOptions } from '../../../src/client/config/option-names.ts';
import type { PartitionAssignor } from '../../../src/client/consumer/assign/assignor.ts';
import { Consumer } from '../../../src/client/consumer/consumer.ts';
import { ConsumerCore } from '../../../src/client/consumer/consumer-core.ts';
import { CONSUMER_DEFAULTS } from '../../../src/client/consumer/consumer-options.ts';
import { GroupLife } from '../../../src/client/consumer/group/group-life.ts';
import type { NullableBytes } from '../../../src/client/consumer/records/record-readers.ts';
import { Subscription } from '../../../src/client/consumer/subscription.ts';
import type { KafkaError } from '../../../src/client/errors/kafka-error.ts';
import { Producer } from '../../../src/client/producer/producer.ts';
import type { TopicPartition } from '../../../src/client/topic-partition.ts';

const QUICK = {
  groupId: 'g',
  topics: ['orders'],
  autoOffsetReset: 'earliest',
  heartbeatIntervalMs: 50,
  sessionTimeoutMs: 10_000,
} as const;
const WAIT = { timeout: 10_000 };

async function start(partitions: number) {
  const config = {
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '100',
    'group.consumer.heartbeat.interval.ms': '100',
    'group.consumer.min.heartbeat.interval.ms': '50',
  };
  const broker = await startBroker({ config });
  await broker.createTopic('orders', { partitions });
  return broker;
}

/** A listener, and what it was told. */
function listening() {
  const events: string[] = [];
  const noting = (what: string) => (partitions: readonly TopicPartition[]) => {
    events.push(`${what} ${partitions.map(({ partition }) => partition).sort()}`);
  };
  const listener = {
    onAssigned: noting('assigned'),
    onRevoked: noting('revoked'),
    onLost: noting('lost'),
  };
  return { events, listener };
}

async function membersIn(admin: Admin): Promise<string[]> {
  const group = (await admin.groups.describe(['g'])).get('g') as GroupDescription;
  return group.members.map(({ memberId }) => memberId);
}

function numbersOf({ assignment }: Consumer): number[] {
  return assignment.map(({ partition }) => partition).sort();
}

describe.each(['classic', 'consumer'] as const)('a listener (%s)', (groupProtocol) => {
  it('is told of partitions that a member gives up as revoked, not as lost', async () => {
    await using broker = await start(1);
    const { bootstrapServers } = broker;
    const { events, listener } = listening();
    const consumer = new Consumer({ bootstrapServers, ...QUICK, groupProtocol, listener });
    await expect.poll(() => consumer.assignment.length, WAIT).toBe(1);
    await consumer.close();
    expect(events).toEqual(['assigned 0', 'revoked 0']);
  });

  it('is told of partitions by topic and number alone', async () => {
    await using broker = await start(1);
    const { bootstrapServers } = broker;
    const told: TopicPartition[] = [];
    const noting = (partitions: readonly TopicPartition[]) => {
      told.push(...partitions);
    };
    const listener = { onAssigned: noting, onRevoked: noting };
    const consumer = new Consumer({ bootstrapServers, ...QUICK, groupProtocol, listener });
    await expect.poll(() => consumer.assignment.length, WAIT).toBe(1);
    await consumer.close();
    const only = { topic: 'orders', partition: 0 };
    expect(told).toEqual([only, only]);
  });
});

it.each(['classic', 'consumer'] as const)(
  'is nobody else while it loses its partitions, so that no transaction takes its offsets (%s)',
  async (groupProtocol) => {
    await using broker = await start(1);
    const { bootstrapServers } = broker;
    await using admin = new Admin({ bootstrapServers });
    await using producer = new Producer({ bootstrapServers, transactionalId: 'late' });
    const refusals: unknown[] = [];
    const onLost = async () => {
      const { memberId, generation: generationId } = life.identity;
      await producer.beginTransaction();
      const offsets = [{ topic: 'orders', partition: 0, offset: 7 }];
      const group = { groupId: 'g', memberId, generationId };
      const sent = producer.sendOffsetsToTransaction(offsets, group);
      refusals.push(await sent.catch((thrown: unknown) => (thrown as KafkaError).code));
      await producer.abortTransaction();
    };
    const { topics, ...quick } = QUICK;
    const given = { bootstrapServers, ...quick, groupProtocol, listener: { onLost } };
    const settings = readOptions(given, CONSUMER_DEFAULTS);
    const subscription = new Subscription<NullableBytes, NullableBytes>();
    const core: ConsumerCore<NullableBytes, NullableBytes> = new ConsumerCore(
      settings,
      (topic) => subscription.readersOf(topic),
      () => life.identity,
    );
    const life = new GroupLife(core, subscription);
    life.subscribe(topics);
    await expect.poll(() => life.owned().length, WAIT).toBe(1);
    await admin.groups.removeMembers('g', [{ memberId: life.identity.memberId }]);
    await expect.poll(() => refusals, WAIT).toEqual(['UNKNOWN_MEMBER_ID']);
    await life.close(true, 1_000);
    core.close();
  },
);

describe('a static member', () => {
  it('is told of partitions that another of its name has taken as lost', async () => {
    await using broker = await start(1);
    const { bootstrapServers } = broker;
    const { events, listener } = listening();
    const options = { bootstrapServers, ...QUICK, groupInstanceId: 'one' };
    await using first = new Consumer({ ...options, listener });
    await expect.poll(() => first.assignment.length, WAIT).toBe(1);
    await using second = new Consumer(options);
    await expect.poll(() => events.at(-1), WAIT).toBe('lost 0');
    expect(events).toEqual(['assigned 0', 'lost 0']);
    await expect.poll(() => second.assignment.length, WAIT).toBe(1);
  });

  it.each(['classic', 'consumer'] as const)(
    'comes back to its partitions, and the others notice nothing (%s)',
    async (groupProtocol) => {
      await using broker = await start(4);
      const { bootstrapServers } = broker;
      const options = { bootstrapServers, ...QUICK, groupProtocol };
      const { events, listener } = listening();
      await using stays = new Consumer({ ...options, groupInstanceId: 'stays', listener });
      const goes = new Consumer({ ...options, groupInstanceId: 'goes' });
      const sizes = () => [stays.assignment.length, goes.assignment.length];
      await expect.poll(sizes, WAIT).toEqual([2, 2]);
      const [kept, before, told] = [numbersOf(stays), numbersOf(goes), events.length];
      await goes.close({ leaves: false });
      await using back = new Consumer({ ...options, groupInstanceId: 'goes' });
      await expect.poll(() => numbersOf(back), WAIT).toEqual(before);
      expect(numbersOf(stays)).toEqual(kept);
      expect(events.length).toBe(told);
    },
  );
});

describe('a member that is put out while its listener is told of partitions', () => {
  it('loses them', async () => {
    await using broker = await start(1);
    const { bootstrapServers } = broker;
    const { events, listener } = listening();
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const onAssigned = async (partitions: readonly TopicPartition[]) => {
      listener.onAssigned(partitions);
      await held;
    };
    const options = { bootstrapServers, ...QUICK, groupProtocol: 'consumer' } as const;
    await using first = new Consumer({ ...options, listener: { ...listener, onAssigned } });
    await expect.poll(() => events, WAIT).toEqual(['assigned 0']);
    await using admin = new Admin({ bootstrapServers });
    const [memberId] = await membersIn(admin);
    await using second = new Consumer(options);
    await expect.poll(() => membersIn(admin), WAIT).toHaveLength(2);
    await admin.groups.removeMembers('g', [{ memberId: memberId! }]);
    await expect.poll(() => second.assignment.length, WAIT).toBe(1);
    goOn();
    await expect.poll(() => events, WAIT).toEqual(['assigned 0', 'lost 0']);
    expect(first.assignment).toEqual([]);
  });
});

describe("an assignor of one's own", () => {
  it('gives each member what its user data asks for', async () => {
    await using broker = await start(4);
    const { bootstrapServers } = broker;
    const wanting = (wish: string): PartitionAssignor => ({
      name: 'by-wish',
      protocol: 'eager',
      userData: () => Buffer.from(wish),
      assign: (_counts, members) => {
        return new Map(
          members.map(({ memberId, userData }) => {
            const wishes = Buffer.from(userData!).toString().split(',').map(Number);
            return [memberId, wishes.map((partition) => ({ topic: 'orders', partition }))];
          }),
        );
      },
    });
    const member = (wish: string) => {
      const partitionAssignmentStrategy = [wanting(wish)];
      return new Consumer({ bootstrapServers, ...QUICK, partitionAssignmentStrategy });
    };
    await using one = member('0,3');
    await using two = member('1');
    await expect.poll(() => [numbersOf(one), numbersOf(two)], WAIT).toEqual([[0, 3], [1]]);
  });
});
