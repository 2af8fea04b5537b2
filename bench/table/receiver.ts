/** Consumes as a row of the table says: by a group, or flat out what was there before. */
import { Consumer } from 'millrace/client';
import type { TableSetup } from './table-setup.ts';
import type { Window } from './window.ts';

type Bytes = Uint8Array | null;

/** `ends`: where each partition begins again; without them each record's value holds its time. */
export async function receive(
  setup: TableSetup,
  window: Window,
  ends: readonly number[] | undefined,
): Promise<void> {
  const consumer = new Consumer<Bytes, Bytes>({
    bootstrapServers: setup.bootstrap,
    groupId: `${setup.topic}-group`,
    autoOffsetReset: 'earliest',
    topics: [setup.topic],
  });
  for await (const batch of consumer.batches()) {
    const nowMs = performance.now();
    for (let i = 0; i < batch.length; i++) {
      const value = batch.valueBytes(i)!;
      if (ends === undefined) window.time(meantMsOf(value), nowMs);
    }
    window.count(batch.length);
    if (ends === undefined || batch.nextOffset < ends[batch.partition]!) continue;
    consumer.seek({ topic: batch.topic, partition: batch.partition }, 0);
  }
}

function meantMsOf(value: Uint8Array): number {
  return Buffer.prototype.readDoubleLE.call(value, 0);
}
