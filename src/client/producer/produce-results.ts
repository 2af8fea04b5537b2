import { ERROR, isRetriable } from '../../base/kafka-errors.ts';
import type {
  ProduceResponseNodeEndpoint,
  ProduceResponsePartitionProduceResponse,
} from '../../protocol/schema/00-produce.ts';
import { answerError, KafkaError } from '../errors/kafka-error.ts';
import type { ClusterLink } from '../metadata/cluster-link.ts';
import { backOffMs } from '../net/back-off.ts';
import type { Accumulator } from './accumulator.ts';
import type { Batch } from './batch.ts';
import type { PartitionQueue } from './partition-queue.ts';
import type { ProduceTarget } from './produce-request.ts';
import type { ProducerMetrics } from './producer-metrics.ts';
import type { ProducerSettings } from './producer-options.ts';
import type { Sender, SendGate } from './sender.ts';
import { splitBatch } from './split-batch.ts';

/** Sequences that do not continue what the broker has. */
const GAPS: readonly number[] = [ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER, ERROR.UNKNOWN_PRODUCER_ID];
const TOO_LARGE: readonly number[] = [ERROR.MESSAGE_TOO_LARGE, ERROR.RECORD_LIST_TOO_LARGE];

/** Decides what becomes of a batch once its request has ended: done, again, in parts, or failed. */
export class ProduceResults {
  readonly #link: ClusterLink;
  readonly #settings: ProducerSettings;
  readonly #accumulator: Accumulator;
  readonly #sender: Sender;
  readonly #gate: SendGate | null;
  readonly #metrics: ProducerMetrics;

  constructor(
    link: ClusterLink,
    settings: ProducerSettings,
    accumulator: Accumulator,
    sender: Sender,
    gate: SendGate | null,
    metrics: ProducerMetrics,
  ) {
    this.#link = link;
    this.#settings = settings;
    this.#accumulator = accumulator;
    this.#sender = sender;
    this.#gate = gate;
    this.#metrics = metrics;
  }

  onResult(
    target: ProduceTarget,
    result: ProduceResponsePartitionProduceResponse,
    endpoints: readonly ProduceResponseNodeEndpoint[],
  ): void {
    const { queue, batch } = target;
    const code = result.errorCode;
    this.#landed(queue, batch);
    if (code === ERROR.NONE || code === ERROR.DUPLICATE_SEQUENCE_NUMBER) {
      const { baseOffset, logAppendTimeMs, logStartOffset } = result;
      this.#succeed(batch, baseOffset, logAppendTimeMs, logStartOffset);
      return;
    }
    if (batch.outcome.isDone) {
      this.#dropExpired(queue, batch, code);
      return;
    }
    if (TOO_LARGE.includes(code) && batch.count > 1) {
      this.#split(queue, batch);
      return;
    }
    const error = resultError(target, result);
    const isNews = this.#learn(target, result, endpoints, error);
    if (GAPS.includes(code) && batch.hasSequence) this.#onGap(queue, batch, error);
    else if (isRetriable(code)) this.#again(queue, batch, error, isNews);
    else this.#failForGood(queue, batch, error);
  }

  /** The connection ended before the answer: whether the batch was appended is not known. */
  onLost({ queue, batch }: ProduceTarget, error: KafkaError): void {
    this.#landed(queue, batch);
    if (batch.outcome.isDone) {
      this.#accumulator.release(batch);
      return;
    }
    if (error.category === 'refresh-retriable') this.#link.metadata.invalidate();
    const isWrong = error.code === 'MALFORMED_ANSWER' || error.code === 'UNKNOWN_SERVER_ERROR';
    if (error.retriable || isWrong) this.#again(queue, batch, error, false);
    else this.fail(queue, batch, placed(error, batch));
  }

  onUnanswered({ queue, batch }: ProduceTarget): void {
    this.#landed(queue, batch);
    this.#succeed(batch, -1, -1, -1);
  }

  /** Fails batches whose time is over. One that is in flight keeps its memory until it lands. */
  expire(queue: PartitionQueue, nowMs: number): void {
    if (queue.open !== null && nowMs >= queue.open.deadlineMs) this.#accumulator.close(queue);
    while (queue.queue.length > 0 && nowMs >= queue.queue[0]!.deadlineMs) {
      const batch = queue.queue.shift()!;
      this.fail(queue, batch, this.#tooLate(batch));
    }
    for (const batch of queue.inFlight) {
      if (nowMs < batch.deadlineMs || batch.outcome.isDone) continue;
      const error = this.#tooLate(batch);
      this.#metrics.onFailed(batch, error);
      batch.outcome.fail(error);
      this.#gate?.onFailure(error);
    }
  }

  /** Ends a batch that is in no queue any more. */
  fail(_queue: PartitionQueue, batch: Batch, error: KafkaError): void {
    this.#accumulator.release(batch);
    this.#metrics.onFailed(batch, error);
    batch.outcome.fail(error);
    this.#gate?.onFailure(error);
  }

  #landed(queue: PartitionQueue, batch: Batch): void {
    batch.isInFlight = false;
    const at = queue.inFlight.indexOf(batch);
    if (at === 0) queue.inFlight.shift();
    else if (at > 0) queue.inFlight.splice(at, 1);
    // Batches that waited for this one may go.
    if (queue.queue.length > 0) this.#sender.onReady(queue);
  }

  #succeed(batch: Batch, baseOffset: number, timestamp: number, logStartOffset: number): void {
    this.#accumulator.release(batch);
    if (batch.outcome.isDone) return;
    this.#metrics.onAcknowledged(batch, baseOffset);
    batch.outcome.succeed(baseOffset, timestamp, logStartOffset);
  }

  /** Its records have failed by time already. A refusal means that their numbers are not used. */
  #dropExpired(queue: PartitionQueue, batch: Batch, code: number): void {
    this.#accumulator.release(batch);
    if (batch.hasSequence && !isRetriable(code)) queue.loseSequence();
  }

  #split(queue: PartitionQueue, batch: Batch): void {
    const parts = splitBatch(batch, this.#accumulator);
    this.#accumulator.release(batch);
    this.#metrics.onSplit();
    for (const part of parts) queue.takeBack(part);
    this.#sender.onReady(queue);
  }

  /** True where the answer says who leads the partition now. */
  #learn(
    { queue }: ProduceTarget,
    result: ProduceResponsePartitionProduceResponse,
    endpoints: readonly ProduceResponseNodeEndpoint[],
    error: KafkaError,
  ): boolean {
    const { metadata } = this.#link;
    const { topic, partition } = queue;
    if (metadata.learnLeader(topic, partition, result.currentLeader, endpoints)) return true;
    if (error.category === 'refresh-retriable') metadata.invalidate();
    return false;
  }

  /**
   * The broker misses the batch before. Where that is still on its way, this one goes again after
   * it. Else it is lost, and the numbers start again, which in a transaction only an abort may do.
   */
  #onGap(queue: PartitionQueue, batch: Batch, error: KafkaError): void {
    if (!queue.hasEarlier(batch)) {
      if (this.#gate !== null) {
        this.#failForGood(queue, batch, error);
        return;
      }
      queue.loseSequence();
    }
    this.#again(queue, batch, error, true);
  }

  #again(queue: PartitionQueue, batch: Batch, error: KafkaError, isAtOnce: boolean): void {
    const nowMs = performance.now();
    const { retries, retryBackoffMs, retryBackoffMaxMs, acks } = this.#settings;
    const isBroken = this.#gate?.isBroken === true;
    if (nowMs >= batch.deadlineMs) {
      this.fail(queue, batch, this.#tooLate(batch, error));
      return;
    }
    if (batch.attempts > retries || acks === 0 || isBroken) {
      this.fail(queue, batch, placed(error, batch));
      return;
    }
    queue.takeBack(batch);
    this.#metrics.onRetried(batch);
    if (!isAtOnce) {
      const pauseMs = backOffMs(retryBackoffMs, retryBackoffMaxMs, batch.attempts - 1);
      queue.notBeforeMs = nowMs + pauseMs;
    }
    this.#sender.onReady(queue);
  }

  /** The broker has refused the batch, so the numbers behind it cannot follow. */
  #failForGood(queue: PartitionQueue, batch: Batch, error: KafkaError): void {
    if (batch.hasSequence && this.#gate === null) queue.loseSequence();
    this.fail(queue, batch, error);
  }

  #tooLate(batch: Batch, cause?: KafkaError): KafkaError {
    const { topic, partition } = batch.outcome;
    const { deliveryTimeoutMs: limitMs } = this.#settings;
    const last = cause === undefined ? '' : `; the last attempt: ${cause.message}`;
    const what = `partition ${topic}-${partition}: not delivered within ${limitMs} ms${last}`;
    return new KafkaError('REQUEST_TIMED_OUT', what, { topic, partition, cause });
  }
}

/** The error of a connection as that of one of the batches on it. */
function placed(error: KafkaError, { outcome: { topic, partition } }: Batch): KafkaError {
  if (error.topic !== undefined) return error;
  const { code, category, message } = error;
  const text = `partition ${topic}-${partition}: ${message}`;
  return new KafkaError(code, text, { topic, partition, cause: error, category });
}

function resultError(
  { topic, partition }: ProduceTarget,
  result: ProduceResponsePartitionProduceResponse,
): KafkaError {
  const record = result.recordErrors[0];
  const detail = record?.batchIndexErrorMessage ?? result.errorMessage;
  const at = record === undefined ? '' : `, record ${record.batchIndex} of its batch`;
  const subject = `partition ${topic}-${partition}${at}`;
  return answerError(result.errorCode, detail, subject, { topic, partition });
}
