import { MillraceError } from '../../base/errors.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import {
  FETCH_SNAPSHOT,
  type FetchSnapshotResponse,
  type FetchSnapshotResponsePartitionSnapshot,
} from '../../protocol/schema/59-fetch-snapshot.ts';
import { MAGIC_V2, magic, wholeBatchSize } from '../../records/batch-layout.ts';
import { hasValidCrc } from '../../records/batch-validator.ts';
import type { ControllerConnection } from './controller-connection.ts';
import { type MetadataBatch, metadataBatchAt } from './metadata-batch.ts';
import { METADATA_TOPIC } from './metadata-topic.ts';

const VERSION = 1;
/** Of the largest snapshot that is taken: one of a million partitions has some 100 MB. */
const SNAPSHOT_BYTES_MAX = 1 << 30;

export interface SnapshotId {
  readonly endOffset: number;
  readonly epoch: number;
}

/** Who asks, and how much a time. */
export interface SnapshotRequest {
  readonly id: SnapshotId;
  readonly leaderEpoch: number;
  readonly clusterId: string;
  readonly nodeId: number;
  readonly directoryId: string;
  readonly maxBytes: number;
}

/** A snapshot as batches, or the answer that ended its download. */
export type SnapshotOutcome =
  | { readonly batches: readonly MetadataBatch[] }
  | { readonly refused: FetchSnapshotResponse };

/** Fetches a snapshot piece by piece. The pieces are cut anywhere, also inside batches. */
export async function downloadSnapshot(
  connection: ControllerConnection,
  request: SnapshotRequest,
): Promise<SnapshotOutcome> {
  const pieces: Buffer[] = [];
  let position = 0;
  for (;;) {
    const answer = await connection.ask(FETCH_SNAPSHOT, VERSION, bodyOf(request, position));
    const piece = answer.topics[0]?.partitions[0];
    if (answer.errorCode !== ERROR.NONE || piece === undefined || piece.errorCode !== ERROR.NONE) {
      return { refused: answer };
    }
    checkPiece(piece, request.id, position);
    pieces.push(piece.unalignedRecords);
    position += piece.unalignedRecords.length;
    if (position === piece.size) return { batches: batchesOf(Buffer.concat(pieces)) };
  }
}

function bodyOf(request: SnapshotRequest, position: number) {
  const { id, leaderEpoch, clusterId, nodeId, directoryId, maxBytes } = request;
  const partition = {
    partition: METADATA_TOPIC.PARTITION,
    currentLeaderEpoch: leaderEpoch,
    snapshotId: id,
    position,
    replicaDirectoryId: directoryId,
  };
  const topics = [{ name: METADATA_TOPIC.NAME, partitions: [partition] }];
  return { clusterId, replicaId: nodeId, maxBytes, topics };
}

function checkPiece(
  piece: FetchSnapshotResponsePartitionSnapshot,
  id: SnapshotId,
  position: number,
): void {
  const { snapshotId, size, unalignedRecords } = piece;
  if (snapshotId.endOffset !== id.endOffset || snapshotId.epoch !== id.epoch) {
    throw refused('another snapshot than was asked for');
  }
  if (size > SNAPSHOT_BYTES_MAX) throw refused(`a snapshot of ${size} bytes, which is too large`);
  const length = unalignedRecords.length;
  if (piece.position !== position || length === 0 || position + length > size) {
    throw refused(`${length} bytes at ${piece.position} of a snapshot of ${size}`);
  }
}

function batchesOf(bytes: Buffer): MetadataBatch[] {
  const batches: MetadataBatch[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = wholeBatchSize(bytes, at, bytes.length);
    if (size <= 0 || magic(bytes, at) !== MAGIC_V2 || !hasValidCrc(bytes, at, size)) {
      throw refused(`a snapshot with a bad batch at byte ${at}`);
    }
    batches.push(metadataBatchAt(bytes, at, size));
    at += size;
  }
  return batches;
}

function refused(what: string): MillraceError {
  return new MillraceError('MILLRACE_PROTOCOL', `the controller sent ${what}`);
}
