import { describe, expect, it } from 'vitest';
import type { ControlAnswer, ControlCommand } from '../../../src/exchange/control.ts';
import { Partitions } from '../../../src/front/partitions/partitions.ts';
import { TopicDirectory } from '../../../src/front/partitions/topic-directory.ts';
import type { Workers } from '../../../src/front/partitions/workers.ts';
import { BrokerConfig } from '../../../src/metadata/config/broker-config.ts';
import { LocalMetadata } from '../../../src/metadata/local-metadata.ts';
import { MemoryStore } from '../../metadata/stores.ts';

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
  const services = { metadata, reports: metadata, partitions, dataDirectory: '/d', logger };
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
