import { encodeMessage } from '../../protocol/message-bytes.ts';
import { type KraftRecord, METADATA_RECORD_TABLE } from '../../protocol/metadata-record-table.ts';
import {
  SNAPSHOT_FOOTER_RECORD,
  SNAPSHOT_HEADER_RECORD,
} from '../../protocol/schema/records-quorum.ts';
import { parseVersions } from '../../protocol/version-range.ts';
import { buildBatch } from '../../records/batch-builder.ts';
import { encodeMetadataRecord } from '../quorum/metadata-record.ts';

const HEADER = 3;
const FOOTER = 4;
const BATCH_RECORDS = 500;

/**
 * The file `bootstrap.checkpoint` of a controller, which is like a snapshot of the metadata log: a
 * header, the records in batches, a footer.
 */
export function bootstrapFile(records: readonly KraftRecord[], nowMs: number): Buffer {
  const header = encodeMessage(SNAPSHOT_HEADER_RECORD, 0, {
    version: 0,
    lastContainedLogTimestamp: 0,
  });
  const batches = [controlBatch(HEADER, header, 0, nowMs)];
  let offset = 1;
  for (let from = 0; from < records.length; from += BATCH_RECORDS) {
    const some = records.slice(from, from + BATCH_RECORDS).map((record) => {
      return { value: encodeMetadataRecord(record, latestOf(record)), timestamp: nowMs };
    });
    batches.push(buildBatch(some, { baseOffset: offset, leaderEpoch: 0 }));
    offset += some.length;
  }
  const footer = encodeMessage(SNAPSHOT_FOOTER_RECORD, 0, { version: 0 });
  batches.push(controlBatch(FOOTER, footer, offset, nowMs));
  return Buffer.concat(batches);
}

function latestOf({ kind }: KraftRecord): number {
  return parseVersions(METADATA_RECORD_TABLE[kind].versions).highest;
}

/** The key of a control record is its version and its type. */
function controlBatch(type: number, value: Buffer, baseOffset: number, timestamp: number): Buffer {
  const key = Buffer.from([0, 0, 0, type]);
  return buildBatch([{ key, value, timestamp }], { baseOffset, leaderEpoch: 0, control: true });
}
