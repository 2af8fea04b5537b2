/** Finding what a fetch is answered with: offset to segment, index, position, end. */
import { LogReader } from '#millrace/log/log-reader';
import { setBaseOffset } from '#millrace/records/batch-layout';
import { batchOf, hashOf, SEED } from './fixtures.ts';
import type { MicroBench } from './micro-bench.ts';
import { ScratchLog } from './scratch-log.ts';

const RECORDS = 148;
const BATCHES = 12_000;
const PRODUCE_VERSION = 11;
const FETCH_BYTES = 1_048_576;
const OPERATIONS = 100;

interface FilledLog {
  readonly scratch: ScratchLog;
  readonly reader: LogReader;
  readonly end: number;
}

function filledLog(batches: number): FilledLog {
  const rolls: [baseOffset: number, previousBytes: number][] = [];
  const scratch = new ScratchLog({
    segmentAdded: (baseOffset, previousBytes) => rolls.push([baseOffset, previousBytes]),
    segmentRemoved() {},
    failed(reason) {
      throw new Error(reason);
    },
  });
  const { partition } = scratch;
  const batch = batchOf(RECORDS);
  for (let count = 0; count < batches; count++) {
    setBaseOffset(batch, 0, 0);
    partition.append(batch, 0, batch.length, PRODUCE_VERSION, Date.now());
  }
  const reader = new LogReader(scratch.directory);
  reader.addSegment(0, 0);
  for (const [baseOffset, previousBytes] of rolls) reader.segmentAdded(baseOffset, previousBytes);
  reader.setEnd(partition.logEnd);
  reader.limits.moveTo(partition.logEnd);
  return { scratch, reader, end: partition.logEndOffset };
}

function randomOffsets(count: number, end: number): Float64Array {
  const offsets = new Float64Array(count);
  let state = SEED | 1;
  for (let at = 0; at < count; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    offsets[at] = (state >>> 0) % end;
  }
  return offsets;
}

export const bench: MicroBench = {
  name: 'locate',
  prepare(smoke) {
    const { scratch, reader, end } = filledLog(smoke ? 10 : BATCHES);
    const operations = smoke ? 1 : OPERATIONS;
    const offsets = randomOffsets(operations, end);
    const found = (offset: number): void => {
      const outcome = reader.read(offset, FETCH_BYTES, true);
      if (outcome !== 0 || reader.length === 0) throw new Error(`offset ${offset} not found`);
    };
    const anywhere = (): void => {
      for (let done = 0; done < operations; done++) found(offsets[done]!);
    };
    let next = 0;
    const onwards = (): void => {
      for (let done = 0; done < operations; done++) {
        found(next);
        next = reader.nextOffset < end ? reader.nextOffset : 0;
      }
    };
    return {
      hash: hashOf(new Uint8Array(offsets.buffer)),
      tasks: [
        { name: '1 MB from any offset', operations, bytes: 0, run: anywhere },
        { name: '1 MB, going on from the last read', operations, bytes: 0, run: onwards },
      ],
      close: () => scratch.remove(),
    };
  },
};
