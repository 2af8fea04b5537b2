import { expect } from 'vitest';
import type { LogSettings } from '../../src/base/log-settings.ts';
import { Partition } from '../../src/partition/partition.ts';
import { buildBatch, type RecordInput } from '../../src/records/batch-builder.ts';
import { LogFixture, NOW, SETTINGS } from './fixtures.ts';

const COORDINATOR_EPOCH = 3;

/** A partition that producers write transactions to, which all are verified. */
export class TransactionalLog {
  readonly fixture = new LogFixture();
  readonly settings: LogSettings;
  partition!: Partition;
  readonly #sequences = new Map<number, number>();

  constructor(settings: Partial<LogSettings> = {}) {
    this.settings = { ...SETTINGS, ...settings };
    this.open();
  }

  open(recoveryPoint = 0): void {
    const log = this.fixture.open({ settings: this.settings, recoveryPoint });
    this.partition = new Partition(0, log, this.settings);
    this.partition.becomeLeader(log.nextEpoch);
  }

  /** A start after a clean stop, or after a crash. */
  reopen(isClean: boolean): void {
    this.partition.log.close(isClean);
    this.open(isClean ? this.partition.log.recoveryPoint : 0);
  }

  /** A batch of one record in the transaction of a producer. */
  write(producerId: number, record: RecordInput = {}): void {
    const baseSequence = this.#sequences.get(producerId) ?? 0;
    this.#sequences.set(producerId, baseSequence + 1);
    const producer = { producerId, producerEpoch: 0, baseSequence, transactional: true };
    const batch = buildBatch([{ value: Buffer.from('v'), timestamp: NOW, ...record }], producer);
    const guard = this.partition.requestVerification(producerId, 0, baseSequence, false, NOW);
    expect(this.partition.append(batch, 0, batch.length, 9, NOW, guard)).toBe(0);
  }

  /** A batch of one record that belongs to no transaction. */
  writePlain(record: RecordInput = {}): void {
    const batch = buildBatch([{ value: Buffer.from('v'), timestamp: NOW, ...record }]);
    expect(this.partition.append(batch, 0, batch.length, 9, NOW)).toBe(0);
  }

  commit(producerId: number): void {
    expect(this.end(producerId, true)).toBe(0);
  }

  abort(producerId: number): void {
    expect(this.end(producerId, false)).toBe(0);
  }

  end(producerId: number, isCommit: boolean): number {
    return this.partition.appendMarker(producerId, 0, COORDINATOR_EPOCH, isCommit, 1, NOW);
  }

  remove(): void {
    this.partition.log.close(false);
    this.fixture.remove();
  }
}
