/** A whole append on the worker's side: checks, sequence, stamps, write to the segment. */
import { setBaseOffset } from '#millrace/records/batch-layout';
import { buildBatch } from '../load/batches.ts';
import { batchOf, hashOf, SEED } from './fixtures.ts';
import type { MicroBench, MicroTask } from './micro-bench.ts';
import { ignoringListener, ScratchLog } from './scratch-log.ts';

const PRODUCE_VERSION = 11;
const OPERATIONS = 20;

interface AppendTask {
  readonly scratch: ScratchLog;
  readonly task: MicroTask;
}

function appendTask(name: string, batch: Buffer, smoke: boolean): AppendTask {
  const scratch = new ScratchLog(ignoringListener);
  const { partition } = scratch;
  const operations = smoke ? 1 : OPERATIONS;
  const bytes = batch.length;
  const run = (): void => {
    const wallMs = Date.now();
    for (let done = 0; done < operations; done++) {
      setBaseOffset(batch, 0, 0); // as it comes from a client; the append stamps it
      const code = partition.append(batch, 0, bytes, PRODUCE_VERSION, wallMs);
      if (code !== 0) throw new Error(`an append was refused with ${code}`);
    }
  };
  return { scratch, task: { name, operations, bytes, run } };
}

function gzipBatch(records: number): Buffer {
  const spec = { codec: 'gzip', recordBytes: 100, recordsPerBatch: records, seed: SEED } as const;
  return buildBatch(spec, 1_700_000_000_000);
}

export const bench: MicroBench = {
  name: 'append',
  prepare(smoke) {
    const single = batchOf(1);
    const full = batchOf(148);
    const packed = gzipBatch(148);
    const hash = hashOf(single, full);
    const all = [
      appendTask('one record', single, smoke),
      appendTask('16 KB, 148 records', full, smoke),
      appendTask('16 KB before gzip, 148 records', packed, smoke),
    ];
    return {
      hash,
      tasks: all.map(({ task }) => task),
      close: () => {
        for (const { scratch } of all) scratch.remove();
      },
    };
  },
};
