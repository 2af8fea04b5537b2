/** Building, checking and walking batches of 16 KB. */
import { BatchBuilder } from '#millrace/records/batch-builder';
import { sizeInBytes } from '#millrace/records/batch-layout';
import { validateProducedBatch } from '#millrace/records/batch-validator';
import { RecordCursor } from '#millrace/records/record-iterator';
import '#millrace/log/native';
import { batchOf, hashOf, randomBytes } from './fixtures.ts';
import type { MicroBench } from './micro-bench.ts';

const RECORDS = 148;
const PRODUCE_VERSION = 11;
const LIMIT_BYTES = 1_048_588;

export const bench: MicroBench = {
  name: 'records',
  prepare(smoke) {
    const records = smoke ? 2 : RECORDS;
    const batch = batchOf(records);
    const bytes = sizeInBytes(batch, 0);
    const cursor = new RecordCursor();
    const value = randomBytes(100);
    const builder = new BatchBuilder();
    const build = (): void => {
      builder.reset();
      for (let count = 0; count < records; count++) builder.append(count, null, value);
      builder.build();
    };
    const check = (): void => {
      const code = validateProducedBatch(batch, 0, bytes, PRODUCE_VERSION, LIMIT_BYTES);
      if (code !== 0) throw new Error(`a sound batch was refused with ${code}`);
    };
    const walk = (): void => {
      let count = 0;
      for (cursor.open(batch, 0); cursor.next(); ) count++;
      if (count !== records) throw new Error(`${count} records in place of ${records}`);
    };
    return {
      hash: hashOf(batch),
      tasks: [
        { name: 'build', operations: 1, bytes, run: build },
        { name: 'validate, CRC included', operations: 1, bytes, run: check },
        { name: 'walk the records', operations: 1, bytes, run: walk },
      ],
    };
  },
};
