import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SEQUENCE } from '../../src/log/outcome.ts';
import type { PartitionLog } from '../../src/log/partition-log.ts';
import { decodeSnapshot, encodeSnapshot } from '../../src/log/producer-snapshot.ts';
import { ProducerState } from '../../src/log/producer-state.ts';
import { append, LogFixture, NOW } from './fixtures.ts';

const PRODUCER = 4000;
const DAY_MS = 86_400_000;

function stateWith(batches: readonly [number, number][], epoch = 0): ProducerState {
  const state = new ProducerState(DAY_MS, 100);
  let offset = 0;
  for (const [first, last] of batches) {
    const count = (last - first + 2 ** 31) % 2 ** 31;
    state.update(PRODUCER, epoch, first, last, offset, offset + count, NOW, NOW);
    offset += count + 1;
  }
  return state;
}

describe('the sequence check', () => {
  it('takes any sequence from a producer that it does not know', () => {
    const state = new ProducerState(DAY_MS, 100);
    expect(state.check(PRODUCER, 3, 77, 80)).toBe(SEQUENCE.OK);
  });

  it('takes only what follows, from the last batch on', () => {
    const state = stateWith([[0, 4]]);
    expect(state.check(PRODUCER, 0, 5, 9)).toBe(SEQUENCE.OK);
    expect(state.check(PRODUCER, 0, 6, 9)).toBe(SEQUENCE.OUT_OF_ORDER);
    expect(state.check(PRODUCER, 0, 4, 9)).toBe(SEQUENCE.OUT_OF_ORDER);
    expect(state.check(PRODUCER, 0, 0, 3)).toBe(SEQUENCE.OUT_OF_ORDER);
  });

  it('recognises each of the last five batches with its original offset and time', () => {
    const batches = Array.from({ length: 6 }, (_, i): [number, number] => [i * 3, i * 3 + 2]);
    const state = stateWith(batches);
    for (let i = 1; i < 6; i++) {
      expect(state.check(PRODUCER, 0, i * 3, i * 3 + 2)).toBe(SEQUENCE.DUPLICATE);
      expect(state.duplicateOffset).toBe(i * 3);
      expect(state.duplicateTimestamp).toBe(NOW);
    }
    expect(state.check(PRODUCER, 0, 0, 2)).toBe(SEQUENCE.OUT_OF_ORDER);
    expect(state.check(PRODUCER, 0, 3, 4)).toBe(SEQUENCE.OUT_OF_ORDER);
  });

  it('refuses an old epoch and wants a new one to start at 0', () => {
    const state = stateWith([[0, 4]], 2);
    expect(state.check(PRODUCER, 1, 5, 5)).toBe(SEQUENCE.OLD_EPOCH);
    expect(state.check(PRODUCER, 3, 5, 5)).toBe(SEQUENCE.OUT_OF_ORDER);
    expect(state.check(PRODUCER, 3, 0, 0)).toBe(SEQUENCE.OK);
    state.update(PRODUCER, 3, 0, 0, 5, 5, NOW, NOW);
    expect(state.check(PRODUCER, 3, 0, 4)).toBe(SEQUENCE.OUT_OF_ORDER);
    expect(state.check(PRODUCER, 2, 5, 5)).toBe(SEQUENCE.OLD_EPOCH);
    expect(state.check(PRODUCER, 3, 1, 1)).toBe(SEQUENCE.OK);
  });

  it('wraps from 2^31 - 1 to 0', () => {
    const max = 2 ** 31 - 1;
    const state = stateWith([[max - 4, max]]);
    expect(state.check(PRODUCER, 0, 0, 3)).toBe(SEQUENCE.OK);
    const across = stateWith([[max - 1, 1]]);
    expect(across.check(PRODUCER, 0, 2, 2)).toBe(SEQUENCE.OK);
    expect(across.check(PRODUCER, 0, max - 1, 1)).toBe(SEQUENCE.DUPLICATE);
  });

  it('forgets producers that were silent for the expiry time', () => {
    const state = stateWith([[0, 4]]);
    state.expire(NOW + DAY_MS - 1);
    expect(state.size).toBe(1);
    state.expire(NOW + DAY_MS);
    expect(state.size).toBe(0);
    expect(state.check(PRODUCER, 0, 99, 99)).toBe(SEQUENCE.OK);
  });

  it('holds no more producers than it may, and lets go of silent ones', () => {
    const state = new ProducerState(DAY_MS, 100);
    for (let id = 0; id < 5000; id++) state.update(id, 0, 0, 0, id, id, NOW, NOW + id);
    expect(state.size).toBe(100);
    expect(state.entry(4999)).toBeDefined();
    expect(state.entry(0)).toBeUndefined();
  });
});

describe('a snapshot', () => {
  it('has the layout of Kafka, and comes back', () => {
    const state = stateWith([[7, 9]], 5);
    const bytes = encodeSnapshot(state);
    expect(bytes.length).toBe(56);
    expect(bytes.readInt16BE(0)).toBe(1);
    expect(bytes.readInt32BE(6)).toBe(1);
    expect(bytes.readBigInt64BE(10)).toBe(BigInt(PRODUCER));
    expect(bytes.readInt16BE(18)).toBe(5);
    expect(bytes.readInt32BE(20)).toBe(9);
    expect(bytes.readBigInt64BE(24)).toBe(2n);
    expect(bytes.readInt32BE(32)).toBe(2);
    expect(bytes.readBigInt64BE(36)).toBe(BigInt(NOW));
    expect(bytes.readInt32BE(44)).toBe(-1);
    expect(bytes.readBigInt64BE(48)).toBe(-1n);
    const again = new ProducerState(DAY_MS, 100);
    expect(decodeSnapshot(bytes, again, NOW)).toBe(true);
    expect(again.check(PRODUCER, 5, 7, 9)).toBe(SEQUENCE.DUPLICATE);
    expect(again.duplicateOffset).toBe(0);
    expect(again.check(PRODUCER, 5, 10, 10)).toBe(SEQUENCE.OK);
  });

  it('is refused with any bit flipped and at any other length', () => {
    const bytes = encodeSnapshot(stateWith([[7, 9]], 5));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = damaged[bit >> 3]! ^ (1 << (bit & 7));
      expect(decodeSnapshot(damaged, new ProducerState(DAY_MS, 100), NOW)).toBe(false);
    }
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      expect(decodeSnapshot(cut, new ProducerState(DAY_MS, 100), NOW)).toBe(false);
    }
  });
});

describe('after a restart', () => {
  let fixture: LogFixture;

  beforeEach(() => {
    fixture = new LogFixture();
  });

  afterEach(() => {
    fixture.remove();
  });

  function produce(log: PartitionLog, sequence: number, epoch = 0): void {
    const offset = log.logEndOffset;
    expect(log.producers.check(PRODUCER, epoch, sequence, sequence)).toBe(SEQUENCE.OK);
    append(log, { producerId: PRODUCER, epoch, sequence });
    log.producers.update(PRODUCER, epoch, sequence, sequence, offset, offset, NOW, NOW);
  }

  function expectWindow(log: PartitionLog, next: number): void {
    for (let sequence = next - 5; sequence < next; sequence++) {
      expect(log.producers.check(PRODUCER, 0, sequence, sequence)).toBe(SEQUENCE.DUPLICATE);
      expect(log.producers.duplicateOffset).toBe(sequence);
    }
    expect(log.producers.check(PRODUCER, 0, next - 6, next - 6)).toBe(SEQUENCE.OUT_OF_ORDER);
    expect(log.producers.check(PRODUCER, 0, next, next)).toBe(SEQUENCE.OK);
    expect(log.producers.check(PRODUCER, 0, next + 1, next + 1)).toBe(SEQUENCE.OUT_OF_ORDER);
  }

  it('the window of five is whole again, stopped cleanly or not', () => {
    for (const clean of [true, false]) {
      const log = fixture.open();
      const start = log.logEndOffset;
      for (let i = start; i < start + 20; i++) produce(log, i);
      log.close(clean);
      const again = fixture.open({ recoveryPoint: clean ? start + 20 : 0 });
      expectWindow(again, start + 20);
      again.close(true);
    }
  });

  it('the window reaches back over a roll', () => {
    const log = fixture.open({ settings: { segmentBytes: 1000 } });
    for (let i = 0; i < 27; i++) produce(log, i);
    expect(log.end.segmentBase).toBe(25);
    log.close(false);
    const again = fixture.open({ settings: { segmentBytes: 1000 } });
    expectWindow(again, 27);
    again.close(true);
  });

  it('a damaged snapshot gives way to an older one or to the whole log', () => {
    const log = fixture.open({ settings: { segmentBytes: 1000 } });
    for (let i = 0; i < 27; i++) produce(log, i);
    log.close(true);
    const snapshots = readdirSync(fixture.directory).filter((name) => name.endsWith('.snapshot'));
    expect(snapshots.at(-1)).toBe('00000000000000000027.snapshot');
    for (const name of snapshots) {
      const bytes = readFileSync(fixture.path(name));
      bytes[20] = bytes[20]! ^ 1;
      writeFileSync(fixture.path(name), bytes);
      const again = fixture.open({ recoveryPoint: 27, settings: { segmentBytes: 1000 } });
      expectWindow(again, 27);
      again.close(false);
    }
  });

  it('an epoch that was raised stays raised', () => {
    const log = fixture.open();
    produce(log, 0);
    produce(log, 0, 1);
    log.close(true);
    const again = fixture.open({ recoveryPoint: 2 });
    expect(again.producers.check(PRODUCER, 0, 1, 1)).toBe(SEQUENCE.OLD_EPOCH);
    expect(again.producers.check(PRODUCER, 1, 1, 1)).toBe(SEQUENCE.OK);
    again.close(true);
  });
});
