import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';

/** Where a record came from, as its source read it. */
export interface RecordOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly headers: RecordHeaders;
}
