import { expect, test } from 'vitest';
import type { HelperPool } from '../../../src/front/partitions/helper-pool.ts';
import { NONE_ABORTED } from '../../../src/gateway/stream/aborted-batches.ts';
import { OpenedBatches } from '../../../src/gateway/stream/opened-batches.ts';
import { RecordWalk } from '../../../src/gateway/stream/record-walk.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { CODEC } from '../../../src/records/codec-ids.ts';

const noPool = {} as HelperPool;
const HEADERS_MAX = 50_000;

function headers(count: number) {
  return Array.from({ length: count }, () => ({ key: '', value: null }));
}

test.each([CODEC.NONE, CODEC.GZIP])(
  'a record with very many headers is passed over, codec %d',
  (codec) => {
    const value = Buffer.from('v');
    const records = [
      { value },
      { value, headers: headers(HEADERS_MAX) },
      { value, headers: headers(HEADERS_MAX + 1) },
      { value },
    ];
    const bytes = buildBatch(records, { codec });
    const place = { topic: 't', partition: 0, bytes, start: 0, end: bytes.length };
    const walk = new RecordWalk(new OpenedBatches(noPool, () => {}));
    const seen: number[] = [];
    const passedOver: number[] = [];
    // On a busy machine a walk stops early and says where to go on.
    for (let position = 0; position < records.length; ) {
      walk.run(
        { ...place, position, next: 4, aborted: NONE_ABORTED, readableEnd: 4 },
        ({ offset }) => {
          seen.push(offset);
          return true;
        },
      );
      if (walk.damagedTo >= 0) passedOver.push(walk.next, walk.damagedTo);
      position = Math.max(walk.next, walk.damagedTo);
    }
    expect(seen).toEqual([0, 1, 3]);
    expect(passedOver).toEqual([2, 3]);
  },
);
