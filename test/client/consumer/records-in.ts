import { buildBatch, type RecordInput } from '../../../src/records/batch-builder.ts';
import { type Place, putBatch } from '../partition-log.ts';

/** Puts one batch of records into a partition. */
export async function putRecords(
  bootstrapServers: string,
  at: Place,
  values: readonly (string | RecordInput)[],
): Promise<void> {
  const inputs = values.map((value) => {
    return typeof value === 'string' ? { value: Buffer.from(value), timestamp: 1_000 } : value;
  });
  await putBatch(bootstrapServers, at, buildBatch(inputs));
}

export function numbered(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `value ${from + i}`);
}

export function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('utf8');
}
