import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { ALTER_OPERATION } from '../../src/metadata/config/alter.ts';
import { BrokerConfig } from '../../src/metadata/config/broker-config.ts';
import type { MetadataImage } from '../../src/metadata/image.ts';
import { recordsOf } from '../../src/metadata/image-records.ts';
import { LocalMetadata } from '../../src/metadata/local-metadata.ts';
import { MetadataLog } from '../../src/metadata/metadata-log.ts';
import { type Ending, type LastGasp, MemoryDisk, seededRandom } from './memory-disk.ts';

const ENDINGS: readonly Ending[] = ['killed', 'power-cut', 'power-cut-torn'];
const GASPS: readonly LastGasp[] = ['nothing', 'half', 'all'];
const EMPTY_STATE = '[]';

const stateOf = (image: MetadataImage) => JSON.stringify([...recordsOf(image)]);

function open(files: MemoryDisk): Promise<LocalMetadata> {
  let ids = 0;
  return LocalMetadata.start({
    // Small, so that a few changes take several logs and snapshots.
    store: new MetadataLog({ logDir: '/data', logger: silentLogger, snapshotBytes: 250, files }),
    config: BrokerConfig.of(),
    nodeId: 1,
    newUuid: () => `id-${files.operations}-${ids++}`,
  });
}

interface History {
  /** States in the order in which they were committed; the last may not be acknowledged. */
  readonly states: string[];
  acknowledged: number;
}

/** Changes of every kind, one after the other, until the disk ends. */
async function live(files: MemoryDisk, history: History): Promise<void> {
  const metadata = await open(files);
  history.states.push(stateOf(metadata.image));
  history.acknowledged = history.states.length - 1;
  metadata.onChange(({ after }) => history.states.push(stateOf(after)));
  const topic = (name: string) => ({ name, partitions: 2, replicationFactor: -1 });
  const steps = [
    () => metadata.createTopics([topic('a'), topic('b')], false),
    () => metadata.allocateProducerIds(),
    () => metadata.createPartitions([{ name: 'a', count: 4, assignments: null }], false),
    () =>
      metadata.incrementalAlterConfigs(
        { resourceType: 2, resourceName: 'a' },
        [{ name: 'retention.ms', operation: ALTER_OPERATION.SET, value: '5' }],
        false,
      ),
    () => metadata.deleteTopics([{ name: 'b', id: null }]),
    () => Promise.all([metadata.allocateProducerIds(), metadata.createTopics([topic('b')], false)]),
    () => metadata.setFeature('group.version', 1),
    ...['c', 'd', 'e', 'f'].map((name) => () => metadata.createTopics([topic(name)], false)),
  ];
  for (const step of steps) {
    await step();
    history.acknowledged = history.states.length - 1;
  }
  await metadata.close();
}

/** What would have been committed next, had life gone on: it may be found, since it was written. */
async function statesWithoutEnd(): Promise<string[]> {
  const history: History = { states: [], acknowledged: -1 };
  await live(new MemoryDisk(), history);
  return history.states;
}

const withoutIds = (state: string) => state.replaceAll(/id-\d+-\d+/g, 'id');

describe('the metadata log', () => {
  it('has several logs and snapshots in this test', async () => {
    const disk = new MemoryDisk();
    await live(disk, { states: [], acknowledged: -1 });
    const names = disk.names().map((name) => name.split('/').at(-1)!);
    expect(Number.parseInt(names.at(-1)!, 10)).toBeGreaterThanOrEqual(3);
    expect(names.filter((name) => name.endsWith('.snapshot'))).toHaveLength(2);
  });

  it('is found as it was acknowledged, wherever life ends', async () => {
    const complete = new MemoryDisk();
    await live(complete, { states: [], acknowledged: -1 });
    const all = (await statesWithoutEnd()).map(withoutIds);
    const random = seededRandom(20_251_121);
    let checked = 0;
    for (let dieAt = 1; dieAt <= complete.operations; dieAt++) {
      for (const lastGasp of GASPS) {
        const disk = new MemoryDisk();
        disk.dieAt = dieAt;
        disk.lastGasp = lastGasp;
        const history: History = { states: [], acknowledged: -1 };
        await live(disk, history).catch(() => {});
        for (const ending of ENDINGS) {
          const where = `operation ${dieAt}, ${lastGasp} of it, ${ending}`;
          const next = disk.after(ending, random);
          const found = await reopened(next, where);
          const index = all.lastIndexOf(withoutIds(found));
          const least = history.acknowledged;
          if (least >= 0) expect(index, where).toBeGreaterThanOrEqual(least);
          expect(index, where).toBeLessThanOrEqual(history.acknowledged + 1);
          if (index === least) expect(found, where).toBe(history.states[least] ?? found);
          checked++;
        }
      }
    }
    expect(checked).toBeGreaterThan(500);
  });
});

/** Starts, changes something, and starts again: what the first start found the second finds too. */
async function reopened(disk: MemoryDisk, where: string): Promise<string> {
  const metadata = await open(disk);
  const found = stateOf(metadata.image);
  expect(found, where).not.toBe(EMPTY_STATE);
  // What was shown to anyone is not lost again.
  const shown = await open(disk.after('power-cut', Math.random));
  expect(stateOf(shown.image), where).toBe(found);
  await metadata.createTopics([{ name: 'later', partitions: 1, replicationFactor: 1 }], false);
  const changed = stateOf(metadata.image);
  await metadata.close();
  const again = await open(disk.after('power-cut', Math.random));
  expect(stateOf(again.image), where).toBe(changed);
  return found;
}
