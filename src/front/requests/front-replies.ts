import type { Clock } from '../../base/clock.ts';
import { MillraceError, reasonOf } from '../../base/errors.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type { RateLimitedLog } from '../../base/logger.ts';
import { OUTCOME } from '../../log/outcome.ts';
import type { ApiKey } from '../../protocol/api-keys.ts';
import { apiName } from '../../protocol/api-registry.ts';
import { encodeResponseChunks, frameOfBody } from '../../protocol/frames.ts';
import { throttleTimePosition } from '../../protocol/throttle-time.ts';
import type { RequestMetrics } from '../metrics/request-metrics.ts';
import type { Call } from '../net/call.ts';
import type { LostFiles } from '../partitions/lost-files.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { Throttling } from './throttling.ts';

/** What every handler needs at its end: the encoded answer, and a word for a failed read. */
export interface Replies {
  reply(call: Call, response: object): void;
  replyBody(call: Call, body: Buffer): void;
  fail(call: Call, thrown: unknown): void;
  readFailure(mirror: PartitionMirror, outcome: number): number;
}

/** Encodes answers and counts them. */
export class FrontReplies implements Replies {
  readonly #metrics: RequestMetrics;
  readonly #faults: RateLimitedLog;
  readonly #clock: Clock;
  readonly #lostFiles: LostFiles;
  readonly #throttling: Throttling;

  constructor(
    metrics: RequestMetrics,
    faults: RateLimitedLog,
    clock: Clock,
    lostFiles: LostFiles,
    throttling: Throttling,
  ) {
    this.#lostFiles = lostFiles;
    this.#throttling = throttling;
    this.#metrics = metrics;
    this.#faults = faults;
    this.#clock = clock;
  }

  /**
   * Encodes a response for its call's version and hands it to the connection. Here and in
   * `replyBody` every response gets its throttle time.
   */
  reply(call: Call, response: object): void {
    if (call.connection.closed) return;
    const { apiKey, apiVersion, correlationId } = call;
    this.#throttling.settle(call);
    (response as { throttleTimeMs?: number }).throttleTimeMs = call.throttleTimeMs;
    let chunks: Buffer[];
    try {
      chunks = encodeResponseChunks(apiKey as ApiKey, apiVersion, correlationId, response);
    } catch (thrown) {
      // A defect of the broker. This client must not wait for ever, and others must not notice.
      const api = `${apiName(apiKey)} v${apiVersion}`;
      const text = `the answer to ${api} cannot be encoded: ${reasonOf(thrown)}`;
      this.#faults.warn(`encode ${api}`, text, this.#clock.monotonicMs());
      call.cut(`asked ${api}, whose answer cannot be encoded`, 'failed');
      return;
    }
    call.reply(chunks);
    this.#metrics.answered(apiKey, this.#clock.monotonicMs() - call.startedMs);
  }

  /** Sends the body of a response that a worker has encoded; the bytes are copied. */
  replyBody(call: Call, body: Buffer): void {
    if (call.connection.closed) return;
    this.#throttling.settle(call);
    const { apiKey, apiVersion, correlationId, throttleTimeMs } = call;
    const frame = frameOfBody(apiKey, apiVersion, correlationId, body);
    if (throttleTimeMs > 0) {
      const position = throttleTimePosition(apiKey as ApiKey, apiVersion);
      if (position >= 0) frame.writeInt32BE(throttleTimeMs, frame.length - body.length + position);
    }
    call.reply([frame]);
    this.#metrics.answered(call.apiKey, this.#clock.monotonicMs() - call.startedMs);
  }

  /**
   * Ends a call whose handler threw, at once or later: a defect of the broker, or bytes that lie in
   * a way that no codec sees. The client is cut off, and others do not notice.
   */
  fail(call: Call, thrown: unknown): void {
    const api = `${apiName(call.apiKey)} v${call.apiVersion}`;
    if (!(thrown instanceof MillraceError)) {
      const stack = thrown instanceof Error ? thrown.stack : String(thrown);
      this.#faults.warn(`defect ${api}`, `${api} failed: ${stack}`, this.#clock.monotonicMs());
    }
    call.cut(`sent a ${api} request that failed: ${reasonOf(thrown)}`);
  }

  readFailure(mirror: PartitionMirror, outcome: number): number {
    if (outcome === OUTCOME.OUT_OF_RANGE) return ERROR.OFFSET_OUT_OF_RANGE;
    if (this.#lostFiles.look(mirror)) return ERROR.KAFKA_STORAGE_ERROR;
    const name = `${mirror.topic}-${mirror.index}`;
    const where = mirror.reader?.failure ?? '';
    this.#faults.warn(
      `read ${name}`,
      `${name} cannot be read: ${where}`,
      this.#clock.monotonicMs(),
    );
    return outcome === OUTCOME.CORRUPT ? ERROR.CORRUPT_MESSAGE : ERROR.KAFKA_STORAGE_ERROR;
  }
}
