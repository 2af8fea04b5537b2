import { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { RecordChunk } from './record-chunk.ts';

/**
 * What a task works on now. Time and headers are those with which the record was forwarded last;
 * the rest says where it came from. In a punctuation there is no topic, partition or offset.
 */
export class RecordInHand {
  topic = '';
  partition = -1;
  offset = -1;
  timestamp = -1;
  headers: RecordHeaders = RecordHeaders.NONE;
  key: unknown = null;
  value: unknown = null;
  /** What the clock says, as of the turn in which the task works on it. */
  now = 0;
  /** Whether it is one of those whose age is measured: all, where few wait. */
  isMeasured = true;
  /** Where it was read; null in a punctuation. */
  chunk: RecordChunk | null = null;
  /** Its number there. */
  index = 0;
  /** Whether it could not be read, so that only its offset counts. */
  isSkipped = false;

  /** What a punctuation and the opening of processors see. */
  clear(timestamp: number): void {
    this.topic = '';
    this.partition = -1;
    this.offset = -1;
    this.timestamp = timestamp;
    this.headers = RecordHeaders.NONE;
    this.key = null;
    this.value = null;
    this.chunk = null;
    this.isSkipped = false;
    this.isMeasured = true;
  }
}
