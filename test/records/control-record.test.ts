import { expect, it } from 'vitest';
import { buildBatch } from '../../src/records/batch-builder.ts';
import * as layout from '../../src/records/batch-layout.ts';
import {
  buildEndMarker,
  CONTROL_TYPE,
  controlCoordinatorEpoch,
  controlType,
} from '../../src/records/control-record.ts';
import { RecordCursor } from '../../src/records/record-iterator.ts';

it.each([
  [true, CONTROL_TYPE.COMMIT],
  [false, CONTROL_TYPE.ABORT],
])('ends a transaction with a marker (commit: %s)', (commit, type) => {
  const batch = buildEndMarker(commit, 9, 4, 12, 1_700_000_000_000);
  expect(layout.isControl(batch, 0)).toBe(true);
  expect(layout.isTransactional(batch, 0)).toBe(true);
  expect(layout.producerId(batch, 0)).toBe(9);
  expect(layout.producerEpoch(batch, 0)).toBe(4);
  expect(layout.baseSequence(batch, 0)).toBe(-1);
  const cursor = new RecordCursor();
  cursor.open(batch, 0);
  expect(cursor.next()).toBe(true);
  expect(controlType(cursor)).toBe(type);
  expect(controlCoordinatorEpoch(cursor)).toBe(12);
});

it('knows no type of a record that is too short', () => {
  const cursor = new RecordCursor();
  cursor.open(buildBatch([{ key: null, value: Buffer.alloc(2) }]), 0);
  cursor.next();
  expect(controlType(cursor)).toBe(CONTROL_TYPE.UNKNOWN);
  expect(controlCoordinatorEpoch(cursor)).toBe(-1);
});
