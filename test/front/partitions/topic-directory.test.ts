import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/logger.ts';
import type { ControlAnswer, ControlCommand } from '../../../src/exchange/control.ts';
import { Partitions } from '../../../src/front/partitions/partitions.ts';
import { TopicDirectory } from '../../../src/front/partitions/topic-directory.ts';
import type { Workers } from '../../../src/front/partitions/workers.ts';
import { BrokerConfig } from '../../../src/metadata/config/broker-config.ts';
import { LocalMetadata } from '../../../src/metadata/local-metadata.ts';
import type { MetadataRecord } from '../../../src/metadata/records.ts';
import { ImageView } from '../../metadata/image-view.ts';
import { MemoryStore } from '../../metadata/stores.ts';

const DIRECTORIES = { place: () => '/d', remove() {} };

/** A directory over one worker that takes every command, but those which `refuse` answers. */
async function rig() {
  const metadata = await LocalMetadata.start({
    store: new MemoryStore(),
    config: BrokerConfig.of(),
    nodeId: 1,
  });
  const partitions = new Partitions();
  const errors: string[] = [];
  const commands: ControlCommand[] = [];
  const faults = { refuse: (_: ControlCommand): ControlAnswer => ({ error: 0 }) };
  const logger = { info: () => {}, warn: () => {}, error: (line: string) => errors.push(line) };
  const services = { metadata, reports: metadata, partitions, directories: DIRECTORIES, logger };
  const directory = new TopicDirectory({ ...services, workerCount: 1 });
  const workers = {
    async control(_worker: number, command: ControlCommand) {
      commands.push(command);
      return faults.refuse(command);
    },
  };
  directory.follow(workers as unknown as Workers);
  const create = async (name: string, count = 1) => {
    await metadata.createTopics([{ name, partitions: count, replicationFactor: 1 }], false);
    await directory.settled();
  };
  const remove = async (name: string) => {
    await metadata.deleteTopics([{ name, id: null }]);
    await directory.settled();
  };
  const slotsOf = (name: string) => {
    return partitions.topicByName(name)?.held.map(({ slot }) => slot) ?? [];
  };
  return { metadata, partitions, directory, errors, commands, faults, create, remove, slotsOf };
}

describe('TopicDirectory', () => {
  it('never gives the slot of a deleted partition to another one', async () => {
    const { create, remove, slotsOf, partitions } = await rig();
    const seen: number[] = [];
    for (let i = 0; i < 3; i++) {
      await create('topic', 2);
      seen.push(...slotsOf('topic'));
      await remove('topic');
    }
    expect(new Set(seen).size).toBe(6);
    expect(seen.map((slot) => partitions.bySlot(slot))).toEqual(seen.map(() => undefined));
  });

  it('tells workers only of topics that a change names', async () => {
    const { create, commands } = await rig();
    await create('first');
    commands.length = 0;
    await create('second');
    expect(commands.map(({ kind }) => kind)).toEqual(['create']);
  });

  it('shows partitions that no worker could make as offline, and removes them', async () => {
    const { create, remove, partitions, errors, faults, metadata } = await rig();
    faults.refuse = () => ({ error: 56, reason: 'the disk is full' });
    await create('topic');
    const mirror = partitions.topicByName('topic')!.held[0]!;
    expect(mirror.offlineReason).toBe('the disk is full');
    expect(errors).toEqual(['topic topic: its directories cannot be made: the disk is full']);
    faults.refuse = () => ({ error: 0 });
    await remove('topic');
    expect(partitions.topicByName('topic')).toBeUndefined();
    await metadata.close();
    expect(metadata.image.deletedTopics.size).toBe(0);
  });

  it('logs one line for a step that fails, says so, and follows the next change', async () => {
    const { metadata, create, directory, errors, faults, partitions } = await rig();
    await create('first');
    faults.refuse = () => {
      throw new Error('the ring is torn');
    };
    const resource = { resourceType: 2, resourceName: 'first' };
    const alter = async (value: string) => {
      await metadata.alterConfigs(resource, [{ name: 'retention.ms', value }], false);
      await directory.settled();
    };
    await alter('1000');
    const reason = 'its configuration is not taken: the ring is torn';
    expect(errors).toEqual([`topic first does not follow the metadata: ${reason}`]);
    expect([...directory.failures]).toEqual([['first', reason]]);
    faults.refuse = () => ({ error: 0 });
    await create('second');
    expect(partitions.topicByName('second')!.partitions).toHaveLength(1);
    expect([...directory.failures.keys()]).toEqual(['first']);
    await alter('2000');
    expect(directory.failures.size).toBe(0);
  });

  it('makes a topic that could not be placed when its next change comes', async () => {
    const { metadata, create, directory, partitions, errors } = await rig();
    const unreadable = (): never => {
      throw new Error('its configuration cannot be read');
    };
    Object.defineProperty(metadata, 'config', { get: unreadable, configurable: true });
    await create('topic');
    const reason = 'its configuration cannot be read';
    expect(errors).toEqual([`topic topic does not follow the metadata: ${reason}`]);
    expect(partitions.topicByName('topic')).toBeUndefined();
    Reflect.deleteProperty(metadata, 'config');
    await metadata.createPartitions([{ name: 'topic', count: 2, assignments: null }], false);
    await directory.settled();
    expect(partitions.topicByName('topic')!.partitions).toHaveLength(2);
    expect(directory.failures.size).toBe(0);
  });
});

const NODE = 1;
const OTHER = 2;

/** A directory of a node whose partitions others elect, and what its workers and listeners hear. */
async function electedRig() {
  const view = new ImageView(
    { type: 'cluster', clusterId: 'c', nodeId: NODE, brokerEpoch: 1 },
    { type: 'topic', name: 'orders', id: 'O', partitions: 2, replicas: [NODE], configs: [] },
    state(1, OTHER, 1, 1, [OTHER, NODE]),
  );
  const commands: ControlCommand[] = [];
  const elected: string[][] = [];
  const partitions = new Partitions();
  const reports = { forgetDeletedTopic: async () => {}, bumpLeaderEpochs: async () => {} };
  const services = {
    metadata: view,
    reports,
    partitions,
    directories: DIRECTORIES,
    workerCount: 1,
  };
  const directory = new TopicDirectory({
    ...services,
    isElected: true,
    onElected: (mirrors) => {
      elected.push(
        mirrors.map(({ index, leaderId, leaderEpoch }) => {
          return `${index} by ${leaderId} in ${leaderEpoch}`;
        }),
      );
    },
    logger: silentLogger,
  });
  const none = new Map<string, number>();
  const offsets = { logStartOffsets: none, recoveryPoints: none, highWatermarks: none };
  const places = directory.placeAll({ ...offsets, wasClean: false });
  directory.follow({
    async control(_worker: number, command: ControlCommand) {
      commands.push(command);
      return { error: 0 };
    },
  } as unknown as Workers);
  const apply = async (record: MetadataRecord) => {
    commands.length = 0;
    elected.length = 0;
    view.apply(record);
    await directory.settled();
  };
  return { directory, places: places[0]![0]!.partitions, commands, elected, apply, partitions };
}

function state(
  partition: number,
  leader: number,
  leaderEpoch: number,
  partitionEpoch: number,
  inSyncReplicas: number[],
): MetadataRecord {
  const epochs = { leaderEpoch, partitionEpoch };
  const replicas = [OTHER, NODE];
  return { type: 'partition', id: 'O', partition, leader, ...epochs, replicas, inSyncReplicas };
}

describe('a TopicDirectory whose partitions others elect', () => {
  it('tells at the start who else has replicas, and which roles were taken', async () => {
    const { directory, places, elected } = await electedRig();
    expect(places).toMatchObject([{ role: 'leader' }, { role: 'follower', leaderEpoch: 1 }]);
    expect(places[0]).not.toHaveProperty('assignment');
    const inSync = { partitionEpoch: 1, replicas: [OTHER, NODE], inSyncReplicas: [OTHER, NODE] };
    expect(places[1]!.assignment).toEqual(inSync);
    expect(elected).toEqual([]);
    directory.announceRoles();
    await directory.settled();
    expect(elected).toEqual([['0 by 1 in 0', '1 by 2 in 1']]);
  });

  it('tells workers of each change of a partition, and listeners of elections', async () => {
    const { commands, elected, apply, partitions } = await electedRig();
    await apply(state(1, OTHER, 1, 2, [OTHER]));
    const mirror = partitions.topicByName('orders')!.held[1]!;
    const { slot } = mirror;
    const assignment = { partitionEpoch: 2, replicas: [OTHER, NODE], inSyncReplicas: [OTHER] };
    const election = { slot, leaderEpoch: 1, role: 'follower', assignment };
    expect(commands[0]).toEqual({ kind: 'elect', elections: [election] });
    expect(elected).toEqual([]);
    expect(mirror).toMatchObject({ leaderId: OTHER, partitionEpoch: 2 });
    await apply(state(1, NODE, 2, 3, [NODE]));
    expect(commands[0]).toMatchObject({ elections: [{ slot, role: 'leader', leaderEpoch: 2 }] });
    expect(elected).toEqual([['1 by 1 in 2']]);
  });
});
