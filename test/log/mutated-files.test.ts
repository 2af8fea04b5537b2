import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MillraceError } from '../../src/base/errors.ts';
import { LogReader } from '../../src/log/log-reader.ts';
import { OUTCOME } from '../../src/log/outcome.ts';
import type { PartitionLog } from '../../src/log/partition-log.ts';
import { installStorage, systemStorage } from '../../src/log/storage.ts';
import { sizeInBytes } from '../../src/records/batch-layout.ts';
import { append, LogFixture, NOW, skipSyncs } from './fixtures.ts';

const SETTINGS = { segmentBytes: 6000, indexIntervalBytes: 300 };
const BATCHES = 90;

let fixture: LogFixture;

beforeEach(() => {
  fixture = new LogFixture();
  skipSyncs();
});

afterEach(() => {
  installStorage(systemStorage);
  fixture.remove();
});

/** A seeded generator: what it found once it finds again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutate(bytes: Buffer, random: (below: number) => number): Buffer {
  if (bytes.length === 0) return Buffer.from([random(256)]);
  const kind = random(6);
  const at = random(bytes.length);
  const length = Math.min(1 + random(200), bytes.length - at);
  if (kind === 0) return bytes.subarray(0, at);
  if (kind === 1) return Buffer.concat([bytes, Buffer.alloc(1 + random(9000))]);
  if (kind === 2) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
  if (kind === 3) return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
  const changed = Buffer.from(bytes);
  if (kind === 4) changed.fill(random(2) * 255, at, at + length);
  else changed[at] = changed[at]! ^ (1 << random(8));
  return changed;
}

/** Reads what it can: nothing but whole batches may come out, and every read must end. */
function readThrough(log: PartitionLog): void {
  const reader = new LogReader(log.directory);
  for (const { baseOffset, sizeBytes } of log.segments()) reader.addSegment(baseOffset, sizeBytes);
  reader.setEnd(log.end);
  reader.limits.moveTo(log.end);
  const last = Math.min(log.logEndOffset, log.logStartOffset + 3 * BATCHES);
  for (let offset = log.logStartOffset; offset < last; offset++) {
    const outcome = reader.read(offset, 2000, true);
    expect([OUTCOME.OK, OUTCOME.CORRUPT, OUTCOME.OUT_OF_RANGE]).toContain(outcome);
    let at = reader.start;
    const end = reader.start + reader.length;
    while (outcome === OUTCOME.OK && at < end) at += sizeInBytes(reader.bytes, at);
    if (outcome === OUTCOME.OK) expect(at).toBe(reader.length === 0 ? reader.start : end);
  }
  log.offsetForTimestamp(NOW + 40);
  log.maxTimestampOffset();
}

it('starts from any mutation of its files, or refuses with a reason', () => {
  const log = fixture.open({ settings: SETTINGS });
  for (let i = 0; i < BATCHES; i++) {
    const base = log.logEndOffset;
    append(log, { records: 2, timestamp: NOW + i, producerId: 7, epoch: 0, sequence: base });
    log.producers.update(7, 0, base, base + 1, base, base + 1, NOW, NOW);
  }
  log.close(true);
  const names = readdirSync(fixture.directory);
  const sound = new Map(names.map((name) => [name, readFileSync(fixture.path(name))]));
  const seed = Number(process.env.MILLRACE_FUZZ_SEED ?? 20);
  const random = randomFrom(seed);
  for (let round = 0; round < Number(process.env.MILLRACE_FUZZ_ROUNDS ?? 60); round++) {
    for (let left = 1 + random(2); left > 0; left--) {
      const name = names[random(names.length)]!;
      writeFileSync(fixture.path(name), mutate(readFileSync(fixture.path(name)), random));
    }
    const recoveryPoint = [0, BATCHES, 2 * BATCHES][random(3)]!;
    try {
      const again = fixture.open({ recoveryPoint, settings: SETTINGS });
      readThrough(again);
      append(again, { records: 1 });
      readThrough(again);
      again.close(random(2) === 0);
    } catch (thrown) {
      if (!(thrown instanceof MillraceError) || thrown.code === 'MILLRACE_ASSERTION') {
        throw new Error(`seed ${seed}, round ${round}`, { cause: thrown });
      }
    }
    for (const [name, bytes] of sound) writeFileSync(fixture.path(name), bytes);
    for (const name of readdirSync(fixture.directory)) {
      if (!sound.has(name)) systemStorage.unlink(fixture.path(name));
    }
  }
});
