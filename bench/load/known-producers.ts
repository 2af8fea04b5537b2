/** Many producers that a broker must remember: idempotent ones, and open transactions. */
import { PRODUCER_ID } from '#millrace/records/batch-layout';
import { initProducerId } from './admin.ts';
import { buildBatch } from './batches.ts';
import type { ControlClient } from './control-client.ts';
import { FieldPatch } from './field-patch.ts';
import type { LoadConnection } from './load-connection.ts';
import { checkError, LoadError } from './load-error.ts';
import { produceErrorAt, produceFrame } from './produce-request.ts';
import { transactionalProduce } from './transaction-frames.ts';

/** Kafka's `transaction.max.timeout.ms`: they shall be open after the restart. */
const LONGEST_TIMEOUT_MS = 900_000;
/** Requests in flight. */
const TOGETHER = 200;
/** Beyond the ids that a broker gives out. */
const FIRST_ID = 1_000_000_000;
const ID_BYTES = 8;
const RECORD = { codec: 'none', recordBytes: 100, recordsPerBatch: 1, seed: 1 } as const;

export interface Written {
  readonly name: string;
  readonly partitions: number;
}

export interface Opening {
  readonly control: ControlClient;
  readonly connection: LoadConnection;
  readonly topic: Written;
  /** Of the transactional ids. */
  readonly prefix: string;
}

/** One record of each of `count` producers. */
export async function writeKnownProducers(
  connection: LoadConnection,
  { name: topic, partitions }: Written,
  count: number,
): Promise<void> {
  const requests = Array.from({ length: TOGETHER }, (_, index) => {
    const batch = buildBatch({ ...RECORD, producer: { id: 0, epoch: 0 } }, Date.now());
    const target = { topic, partition: index % partitions, acks: -1 };
    const { bytes, batchAt, batchEnd } = produceFrame(target, index, batch);
    const patch = new FieldPatch(bytes, batchAt, batchEnd, PRODUCER_ID, ID_BYTES);
    return { bytes, idAt: batchAt + PRODUCER_ID, patch };
  });
  const errorAt = produceErrorAt(topic);
  for (let first = 0; first < count; first += TOGETHER) {
    for (const [index, { bytes, idAt, patch }] of requests.entries()) {
      bytes.writeBigInt64BE(BigInt(FIRST_ID + first + index), idAt);
      patch.seal();
    }
    const frames = requests.map(({ bytes }) => bytes);
    await allAnswered(connection, frames, errorAt);
  }
}

/** `count` transactions with a record each, which nobody ends. */
export async function openTransactions(
  { control, connection, topic: { name: topic, partitions }, prefix }: Opening,
  count: number,
): Promise<void> {
  for (let first = 0; first < count; first += TOGETHER) {
    const producers = await Promise.all(
      Array.from({ length: TOGETHER }, async (_, index) => {
        const transactionalId = `${prefix}-${first + index}`;
        const identity = await initProducerId(control, transactionalId, LONGEST_TIMEOUT_MS);
        return { transactionalId, producerId: identity.id, topic, group: '', version: 2 } as const;
      }),
    );
    const requests = producers.map((producer, index) => {
      const identity = { id: producer.producerId, epoch: 0 };
      const batch = buildBatch({ ...RECORD, producer: identity, transactional: true }, Date.now());
      const partition = index % partitions;
      return transactionalProduce(producer, index, [{ partition, batch }]);
    });
    const frames = requests.map(({ bytes }) => bytes);
    await allAnswered(connection, frames, requests[0]!.errorsAt[0]!);
  }
}

function allAnswered(
  connection: LoadConnection,
  frames: readonly Buffer[],
  errorAt: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = frames.length;
    connection.onClosed = (reason) => reject(new LoadError(reason));
    connection.onFrame = (bytes, at) => {
      try {
        checkError(bytes.readInt16BE(at + errorAt), 'Produce');
      } catch (thrown) {
        reject(thrown as Error);
      }
      if (--left === 0) resolve();
    };
    connection.socket.write(Buffer.concat(frames));
  });
}
