import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogReader } from '../../src/log/log-reader.ts';
import { OUTCOME } from '../../src/log/outcome.ts';
import { PartitionLog } from '../../src/log/partition-log.ts';
import { baseOffset, lastOffset, sizeInBytes } from '../../src/records/batch-layout.ts';
import {
  append,
  CollectingListener,
  CollectingLogger,
  NOW,
  SETTINGS,
  TOPIC_ID,
} from '../log/fixtures.ts';
import { seededRandom } from '../protocol/random-message.ts';
import { DiskRecorder } from './disk-recorder.ts';

const SEED = Number(process.env.MILLRACE_POWER_SEED ?? 20261121);
const CRASHES = Number(process.env.MILLRACE_POWER_CRASHES ?? 250);
const APPENDS = 120;
const SEGMENT_BYTES = 16_000;

let root: string;
let recorder: DiskRecorder;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-power-'));
  recorder = new DiskRecorder(join(root, 'live'));
});

afterEach(() => {
  recorder.uninstall();
  rmSync(root, { recursive: true, force: true });
});

function open(directory: string, recoveryPoint: number): PartitionLog {
  return PartitionLog.open({
    directory,
    topicId: TOPIC_ID,
    settings: { ...SETTINGS, segmentBytes: SEGMENT_BYTES, indexIntervalBytes: 500 },
    logStartOffset: 0,
    recoveryPoint,
    producerExpirationMs: 86_400_000,
    maxProducers: 1000,
    wallMs: NOW,
    logger: new CollectingLogger(),
    listener: new CollectingListener(),
  });
}

interface Acknowledgement {
  readonly event: number;
  readonly offset: number;
}

/** Appends and syncs now and then, as the worker does it: all of the log, or what was rolled. */
function write(durability: 'group' | 'os', random: () => number) {
  const acknowledged: Acknowledgement[] = [];
  const log = open(join(root, 'live', 'orders-0'), 0);
  for (let i = 0; i < APPENDS; i++) {
    const records = 1 + Math.floor(random() * 3);
    const recordBytes = 50 + Math.floor(random() * 900);
    const shape = { records, recordBytes, producerId: 7, epoch: 0, sequence: log.logEndOffset };
    expect(append(log, shape)).toBe(OUTCOME.OK);
    if (random() < 0.35) {
      const target = durability === 'group' ? log.syncTarget() : log.rolledTarget();
      if (target === null) continue;
      for (const fd of target.files) recorder.synced(fd);
      for (const directory of target.directories) recorder.directorySynced(directory);
      log.markSynced(target.end.offset);
      acknowledged.push({ event: recorder.event, offset: target.end.offset });
    }
  }
  const events = recorder.event;
  const whole = readAll(log);
  recorder.uninstall();
  log.close(false);
  return { acknowledged, events, whole };
}

/** Every batch, by its base offset; throws at a hole or at bytes that are no batch. */
function readAll(log: PartitionLog): Map<number, string> {
  const reader = new LogReader(log.directory);
  for (const { baseOffset: base, sizeBytes } of log.segments()) reader.addSegment(base, sizeBytes);
  reader.setEnd(log.end);
  reader.limits.moveTo(log.end);
  const batches = new Map<number, string>();
  let next = log.logStartOffset;
  while (next < log.logEndOffset) {
    const outcome = reader.read(next, 5000, true);
    if (outcome !== OUTCOME.OK) throw new Error(`at ${next}: ${outcome} ${reader.failure}`);
    if (reader.length === 0) throw new Error(`nothing at ${next} of ${log.logEndOffset}`);
    let at = reader.start;
    const end = reader.start + reader.length;
    while (at < end) {
      const base = baseOffset(reader.bytes, at);
      if (base > next) throw new Error(`a hole: ${base} follows ${next}`);
      const size = sizeInBytes(reader.bytes, at);
      // Without the leader epoch, which is raised after a crash.
      batches.set(base, reader.bytes.toString('latin1', at + 16, at + size));
      next = lastOffset(reader.bytes, at) + 1;
      at += size;
    }
  }
  return batches;
}

const PROMISES: ['group' | 'os', string][] = [
  ['group', 'all that was acknowledged is there'],
  ['os', 'only a tail is missing'],
];

test.each(PROMISES)(
  `with durability %s, after ${CRASHES} power losses, %s`,
  (durability) => {
    const random = seededRandom(SEED);
    recorder.install();
    const { acknowledged, events, whole } = write(durability, random);
    expect(acknowledged.length).toBeGreaterThan(3);
    for (let i = 0; i < CRASHES; i++) {
      const crash = 1 + Math.floor(random() * events);
      const target = join(root, 'after');
      recorder.build(target, crash, random);
      const kept = acknowledged.filter(({ event }) => event <= crash);
      const promised = kept.at(-1)?.offset ?? 0;
      // Checkpoints are written now and then: any of those that were true may be on the disk.
      const checkpoint = kept[Math.floor(random() * kept.length)]?.offset ?? 0;
      const where = `seed ${SEED}, crash ${i} before event ${crash}, checkpoint ${checkpoint}`;
      let log: PartitionLog;
      let found: Map<number, string>;
      try {
        log = open(join(target, 'orders-0'), checkpoint);
        found = readAll(log);
      } catch (thrown) {
        throw new Error(`${where}: ${thrown}`, { cause: thrown });
      }
      expect(log.logEndOffset, where).toBeGreaterThanOrEqual(promised);
      for (const [base, bytes] of found) {
        if (bytes !== whole.get(base)) throw new Error(`${where}: batch ${base} is another`);
      }
      const next = { records: 1, producerId: 7, epoch: 0, sequence: log.logEndOffset };
      expect(append(log, next), where).toBe(OUTCOME.OK);
      log.close(false);
    }
  },
  20_000 + CRASHES * 200,
);
