import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';

/** Records of one partition in columns, as the client's `RecordBatch` has them. */
export interface RecordChunk {
  readonly length: number;
  /** The offset behind its last one. */
  readonly nextOffset: number;
  offset(i: number): number;
  timestamp(i: number): number;
  keyBytes(i: number): Uint8Array | null;
  valueBytes(i: number): Uint8Array | null;
  /** The same as text. */
  keyText(i: number): string | null;
  valueText(i: number): string | null;
  headers(i: number): RecordHeaders;
}
