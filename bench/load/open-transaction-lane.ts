import { initProducerId, openCoordinator } from './admin.ts';
import { buildBatch } from './batches.ts';
import { LoadConnection } from './load-connection.ts';
import type { LoadSetup } from './load-setup.ts';
import { recordsPerBatchOf } from './produce-load.ts';
import { ProducerPatch } from './producer-patch.ts';
import {
  addOffsets,
  addPartitions,
  commitOffsets,
  endTransaction,
  type TransactionalProducer,
  transactionalProduce,
} from './transaction-frames.ts';
import { STEP, TransactionLane, type WriteSlot } from './transaction-lane.ts';

/** A producer with its own transactional id and, for offsets, its own group. */
export async function openTransactionLane(
  setup: LoadSetup,
  index: number,
): Promise<TransactionLane> {
  const { options, topics } = setup;
  const { host, port, inFlight, partitions, transactionMs, transactionVersion } = options;
  const topic = topics[0]!;
  const transactionalId = `${topic}-producer-${index}`;
  const group = `${topic}-group-${index}`;
  const { id: producerId } = await initProducerId(setup.control(), transactionalId);
  const producer = { transactionalId, producerId, topic, group, version: transactionVersion };
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  const withOffsets = transactionMs === 0;
  const shapes = withOffsets
    ? [all]
    : Array.from({ length: slotsOf(inFlight, partitions) }, (_, slot) => [slot % partitions]);
  if (withOffsets) await openCoordinator(setup.control(), group, topic);
  const adds = [
    addPartitions(producer, STEP.addPartitions, all),
    ...(withOffsets ? [addOffsets(producer, STEP.addOffsets)] : []),
  ];
  return new TransactionLane(await LoadConnection.open(host, port), {
    slots: shapes.map((shape, slot) => writeSlot(setup, producer, slot, shape)),
    partitions,
    inFlight,
    transactionMs,
    abortEvery: options.abortEvery,
    adds: transactionVersion === 1 ? adds : [],
    offsets: withOffsets ? commitOffsets(producer, STEP.offsets) : undefined,
    end: endTransaction(producer, STEP.end),
    producerId,
  });
}

/** Enough that a slot is free while others are in flight, and the same number for each partition. */
function slotsOf(inFlight: number, partitions: number): number {
  return partitions * Math.ceil(inFlight / partitions);
}

function writeSlot(
  { options }: LoadSetup,
  producer: TransactionalProducer,
  slot: number,
  partitions: readonly number[],
): WriteSlot {
  const recordsEach = recordsPerBatchOf(options);
  const batches = partitions.map((partition) => {
    const spec = {
      codec: options.codec,
      recordBytes: options.recordBytes,
      recordsPerBatch: recordsEach,
      seed: slot * 7919 + partition + 1,
      producer: { id: producer.producerId, epoch: 0 },
      transactional: true,
    };
    return { partition, batch: buildBatch(spec, Date.now()) };
  });
  const { bytes, batchesAt, errorsAt } = transactionalProduce(producer, slot, batches);
  const batchBytes = batches[0]!.batch.length;
  const patches = batchesAt.map((at) => new ProducerPatch(bytes, at, at + batchBytes));
  return { bytes, patches, partitions, errorsAt, recordsEach, batchBytes };
}
