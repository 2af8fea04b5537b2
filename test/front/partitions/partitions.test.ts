import { beforeEach, describe, expect, it } from 'vitest';
import { PARTITION_DOUBLES, PARTITION_WORDS } from '../../../src/exchange/messages.ts';
import { writePosition } from '../../../src/exchange/position-layout.ts';
import { PartitionMirror } from '../../../src/front/partitions/partition-mirror.ts';
import { Partitions } from '../../../src/front/partitions/partitions.ts';
import type { TopicMirror } from '../../../src/front/partitions/topic-mirror.ts';

let partitions: Partitions;
let mirrors: PartitionMirror[];
let topic: TopicMirror;
let told: number;
const watcher = {
  onPartitionsChanged() {
    told++;
  },
};

beforeEach(() => {
  partitions = new Partitions();
  told = 0;
  mirrors = [0, 1].map((index) => {
    return new PartitionMirror(index + 5, 0, 'orders', 'id', index, `/d/orders-${index}`, 0);
  });
  topic = { name: 'orders', id: 'id', held: mirrors } as unknown as TopicMirror;
  partitions.add(topic);
});

function state(slot: number, highWatermark: number, logStart = 0, logEnd = highWatermark): void {
  const doubles = new Float64Array(20);
  const words = new Int32Array(doubles.buffer);
  const position = { offset: highWatermark, segmentBase: 0, position: highWatermark * 10 };
  words[PARTITION_WORDS.SLOT] = slot;
  doubles[PARTITION_DOUBLES.LOG_START] = logStart;
  writePosition(doubles, PARTITION_DOUBLES.LOG_END, { ...position, offset: logEnd });
  writePosition(doubles, PARTITION_DOUBLES.HIGH_WATERMARK, position);
  writePosition(doubles, PARTITION_DOUBLES.LAST_STABLE, position);
  partitions.applyState(words, doubles, 0);
}

describe('the front’s partitions', () => {
  it('are what their worker told last', () => {
    state(5, 3);
    state(5, 4, 2);
    expect(mirrors[0]).toMatchObject({ known: true, logStartOffset: 2 });
    expect(mirrors[0]!.limits.highWatermark.offset).toBe(4);
    expect(mirrors[1]!.known).toBe(false);
    state(99, 7);
    expect(partitions.bySlot(99)).toBeUndefined();
  });

  it('tell a watcher once a drained batch, however many of its partitions changed', () => {
    for (const mirror of mirrors) mirror.watch(watcher);
    state(5, 1);
    state(5, 2);
    state(6, 1);
    expect(told).toBe(0);
    partitions.notifyWatchers();
    expect(told).toBe(1);
    partitions.notifyWatchers();
    expect(told).toBe(1);
  });

  it('tell nobody of a state that moved nothing', () => {
    state(5, 1);
    mirrors[0]!.watch(watcher);
    state(5, 1);
    partitions.notifyWatchers();
    expect(told).toBe(0);
  });

  it('tell who waits for the log end of it, and only those', () => {
    const ends: string[] = [];
    const watcherNamed = (name: string) => ({ onPartitionsChanged: () => void ends.push(name) });
    const [consumer, follower] = [watcherNamed('consumer'), watcherNamed('follower')];
    mirrors[0]!.watch(consumer);
    mirrors[0]!.watchEnd(follower);
    const toldOf = (...moved: [number, number, number]) => {
      ends.length = 0;
      state(5, ...moved);
      partitions.notifyWatchers();
      return ends.join();
    };
    expect(toldOf(0, 0, 2)).toBe('follower');
    expect(toldOf(2, 0, 2)).toBe('consumer');
    expect(toldOf(2, 1, 2)).toBe('consumer,follower');
    partitions.setOffline(mirrors[0]!, 'EIO');
    partitions.notifyWatchers();
    expect(ends).toHaveLength(4);
    mirrors[0]!.unwatch(follower);
    mirrors[0]!.unwatch(consumer);
    expect(mirrors[0]!.isWatched).toBe(false);
  });

  it('tell watchers that they went offline, or are gone', () => {
    mirrors[0]!.watch(watcher);
    partitions.applyEvent({ kind: 'offline', slot: 5, reason: 'EIO', isOfDisk: true });
    partitions.notifyWatchers();
    expect(mirrors[0]!.offlineReason).toBe('EIO');
    expect(told).toBe(1);
    partitions.remove(topic);
    partitions.notifyWatchers();
    expect(told).toBe(2);
    expect(mirrors[0]!.removed).toBe(true);
    expect(partitions.topicById('id')).toBeUndefined();
    expect(partitions.bySlot(5)).toBeUndefined();
  });
});
