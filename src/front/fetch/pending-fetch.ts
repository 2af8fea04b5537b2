import { inBackground } from '../../base/in-background.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type { LogPosition } from '../../base/log-position.ts';
import { nextTurn } from '../../base/next-turn.ts';
import type { LogReader } from '../../log/log-reader.ts';
import { OUTCOME } from '../../log/outcome.ts';
import type {
  FetchRequest,
  FetchResponse,
  FetchResponsePartitionData,
} from '../../protocol/schema/01-fetch.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { Call } from '../net/call.ts';
import type { BrokerEndpoint } from '../net/endpoints.ts';
import { LeaderHints, namesLeader } from '../net/leader-hints.ts';
import { endOfEpoch } from '../partitions/leader-epochs.ts';
import type { PartitionMirror, PartitionWatcher } from '../partitions/partition-mirror.ts';
import { addResult, emptyResult, type FetchResults, isNews, NO_REPLICA } from './fetch-results.ts';
import type { FetchServices } from './fetch-services.ts';
import type { FetchPlan } from './fetch-sessions.ts';
import type { FetchTarget } from './fetch-target.ts';
import { longestWaitMs } from './longest-wait.ts';

const READ_COMMITTED = 1;
/** To resolve more partitions takes a turn of the event loop. They are read in the next. */
const MANY_TARGETS = 4096;
const LEADER_HINTS_SINCE = 16;
/** Consumers of older versions cannot be sent to a follower, and read from leaders alone. */
const FOLLOWERS_SINCE = 11;

/**
 * A fetch from its request to its answer. It reads what is there. If that is less than
 * fetch.min.bytes, it parks: it watches its partitions until there is enough, something goes wrong,
 * or the time is over. Records are slices of mapped segments, and are sent without a copy. As it
 * stands it is a consumer's: that of a follower is a `ReplicaFetch`.
 */
export class PendingFetch implements PartitionWatcher {
  protected readonly call: Call;
  readonly #request: FetchRequest;
  protected readonly plan: FetchPlan;
  readonly #services: FetchServices;
  readonly #byId: boolean;
  readonly #bytesMax: number;
  /** Null for a partition that the answer does not name. */
  #results: FetchResults = [];
  #bytes = 0;
  /** There is an error, a diverging epoch or a nearer replica, which are told at once. */
  #isUrgent = false;
  readonly #isCommitted: boolean;
  /** Never more than an answer may hold, or the fetch would always wait to the end. */
  readonly #minBytes: number;
  #timer: NodeJS.Timeout | null = null;
  #parked = false;
  /** The partitions that a parked fetch waits for. */
  #watched: PartitionMirror[] = [];

  /** The answer has at most `bytesMax` of records, and no more than the request allows. */
  constructor(
    call: Call,
    request: FetchRequest,
    plan: FetchPlan,
    services: FetchServices,
    bytesMax = services.throttling.fetchBytesMax(call),
  ) {
    this.call = call;
    this.#request = request;
    this.plan = plan;
    this.#services = services;
    this.#byId = call.apiVersion >= 13;
    const { fetchBytesMax } = services.settings.limits;
    this.#bytesMax = Math.min(request.maxBytes, fetchBytesMax, bytesMax);
    this.#minBytes = Math.min(request.minBytes, this.#bytesMax);
    this.#isCommitted = request.isolationLevel === READ_COMMITTED;
  }

  start(): void {
    const loads: Promise<void>[] = [];
    for (const target of this.plan.targets) {
      const error = this.resolve(target);
      const { mirror } = target;
      if (error !== 0 || mirror === null) continue;
      if (target.mustAskEnd(mirror)) loads.push(this.#loadWithEpoch(target, mirror));
      else if (mirror.reader === null) loads.push(this.#services.loader.load(mirror));
    }
    if (this.plan.targets.length > MANY_TARGETS) loads.push(nextTurn());
    if (loads.length === 0) this.onLoaded();
    else this.later(Promise.all(loads).then(() => this.onLoaded()));
  }

  /** Finds the target's partition. What the client may not read is told before what is wrong. */
  protected resolve(target: FetchTarget): number {
    const { partitions } = this.#services;
    const { incremental } = this.plan;
    const error = target.resolve(partitions, this.#byId, incremental, this.mustLead);
    const topic = target.mirror?.topic ?? target.topic;
    if (topic === '' || this.mayRead(topic)) return error;
    target.mirror = null;
    return ERROR.TOPIC_AUTHORIZATION_FAILED;
  }

  /** Whether only leaders serve the client. */
  protected get mustLead(): boolean {
    return this.call.apiVersion < FOLLOWERS_SINCE;
  }

  /** Another replica that the client is to read the partition from. */
  protected preferredReplica(_target: FetchTarget, _mirror: PartitionMirror): number {
    return NO_REPLICA;
  }

  protected mayRead(topic: string): boolean {
    return this.#services.rights.allows(this.call, 'READ', 'TOPIC', topic);
  }

  /** How far the client may read. */
  protected limitOf({ limits }: PartitionMirror): LogPosition {
    return limits.boundOf(this.#isCommitted);
  }

  protected watch(mirror: PartitionMirror): void {
    mirror.watch(this);
  }

  /** Whether the client is to hear at once that the high watermark moved. */
  protected mustTellLimits(_target: FetchTarget, _mirror: PartitionMirror): boolean {
    return false;
  }

  /** Counts the records of an answer. False where the client gets none of them for now. */
  protected countSent(bytes: number, _results: FetchResults): boolean {
    const { throttling, metrics } = this.#services;
    if (throttling.fetched(this.call, bytes)) return false;
    metrics.fetched(bytes);
    return true;
  }

  protected later(work: Promise<void>): void {
    inBackground(work, (thrown) => this.#fail(thrown));
  }

  #fail(thrown: unknown): void {
    this.#end();
    this.#services.replies.fail(this.call, thrown);
  }

  async #loadWithEpoch(target: FetchTarget, mirror: PartitionMirror): Promise<void> {
    const { lastFetchedEpoch } = target;
    await this.#services.loader.load(mirror);
    const end = await endOfEpoch(this.#services, mirror, lastFetchedEpoch);
    target.learnEnd(mirror, lastFetchedEpoch, end);
  }

  /** The logs are open. */
  protected onLoaded(): void {
    if (this.call.connection.closed) {
      this.#end();
      return;
    }
    this.#read();
    const { maxWaitMs } = this.#request;
    const mayWait = maxWaitMs > 0 && this.plan.targets.length > 0 && !this.#services.kafka.stopping;
    if (!mayWait || this.#isEnough()) this.#answer();
    else this.#park(maxWaitMs);
  }

  /** Judges what was read. Whole batches are sent, so less than `minBytes` may be all that fits. */
  #isEnough(): boolean {
    if (this.#isUrgent || this.#bytes >= this.#minBytes) return true;
    return this.#bytes > 0 && this.#mustAnswer();
  }

  #park(maxWaitMs: number): void {
    this.#parked = true;
    for (const { mirror } of this.plan.targets) {
      if (mirror === null) continue;
      this.watch(mirror);
      this.#watched.push(mirror);
    }
    this.#timer = setTimeout(() => this.#finish(), longestWaitMs(maxWaitMs));
    this.call.onAbandoned = () => this.#end();
    this.call.onHurried = () => this.#finish();
  }

  /** Stops watching, and lets go of the partitions, which the session must not keep. */
  #end(): void {
    this.#parked = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const mirror of this.#watched) mirror.unwatch(this);
    this.#watched = [];
    for (const target of this.plan.targets) target.mirror = null;
  }

  onPartitionsChanged(): void {
    if (!this.#parked) return;
    try {
      if (this.#mustAnswer()) this.#finish();
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Answers with what there is. Timers call it, so it must not throw. */
  #finish(): void {
    try {
      this.#read();
      this.#answer();
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /**
   * Whether to answer now: there is enough, or an error that the client must hear. It adds up what
   * lies in the logs and reads nothing. The answer ends with a whole batch, so it may be shorter
   * than the sum. The same holds for Kafka.
   */
  #mustAnswer(): boolean {
    let bytes = 0;
    for (const target of this.plan.targets) {
      if (this.resolve(target) !== 0) return true;
      const mirror = target.mirror!;
      const { reader } = mirror;
      if (reader === null) {
        this.#loadAgain(mirror);
        continue;
      }
      const offset = target.fetchOffset;
      if (offset < mirror.logStartOffset || offset > mirror.logEndOffset) return true;
      if (target.lastFetchedEpoch >= 0 && target.hasDiverged(mirror)) return true;
      if (this.mustTellLimits(target, mirror)) return true;
      const limit = this.limitOf(mirror);
      if (offset >= limit.offset) continue;
      bytes += Math.min(reader.availableBytes(offset, limit), Math.max(target.bytesMax, 1));
      if (bytes >= this.#minBytes) return true;
    }
    return false;
  }

  /** Reads every partition, in order, within the limits of the request. */
  #read(): void {
    this.#results = [];
    this.#bytes = 0;
    this.#isUrgent = false;
    for (const target of this.plan.targets) {
      const error = this.resolve(target);
      if (error === 0 && this.plan.incremental && this.#isQuiet(target, target.mirror!)) {
        this.#results.push(null);
        continue;
      }
      const result = emptyResult(target, error, this.#isCommitted);
      this.#results.push(result);
      if (error === 0) this.#readTarget(target, result);
      const isUrgent = result.errorCode !== 0 || this.mustTellLimits(target, target.mirror!);
      if (isUrgent) this.#isUrgent = true;
    }
  }

  /**
   * There is nothing to read, and nothing else has moved since the last answer of the session. Most
   * partitions of a wide session are so, and cost no object.
   */
  #isQuiet(target: FetchTarget, mirror: PartitionMirror): boolean {
    const { fetchOffset, lastFetchedEpoch } = target;
    return (
      fetchOffset >= this.limitOf(mirror).offset &&
      fetchOffset <= mirror.logEndOffset &&
      fetchOffset >= mirror.logStartOffset &&
      mirror.reader !== null &&
      mirror.highWatermark === target.toldHighWatermark &&
      mirror.logStartOffset === target.toldLogStart &&
      (lastFetchedEpoch < 0 || !target.hasDiverged(mirror)) &&
      this.preferredReplica(target, mirror) === NO_REPLICA
    );
  }

  #readTarget(target: FetchTarget, result: FetchResponsePartitionData): void {
    const mirror = target.mirror!;
    const reader = mirror.reader;
    if (mirror.known) {
      result.highWatermark = mirror.highWatermark;
      result.lastStableOffset = mirror.lastStableOffset;
      result.logStartOffset = mirror.logStartOffset;
    }
    if (reader === null) {
      if (mirror.loadFailure === '') this.#loadAgain(mirror);
      else result.errorCode = ERROR.KAFKA_STORAGE_ERROR;
      return;
    }
    result.preferredReadReplica = this.preferredReplica(target, mirror);
    if (result.preferredReadReplica !== NO_REPLICA) {
      this.#isUrgent = true;
      return;
    }
    if (target.lastFetchedEpoch >= 0 && this.#refuseHistory(target, mirror, result)) return;
    const offset = target.fetchOffset;
    if (offset < mirror.logStartOffset || offset > mirror.logEndOffset) {
      result.errorCode = ERROR.OFFSET_OUT_OF_RANGE;
      return;
    }
    const room = Math.min(target.bytesMax, this.#bytesMax - this.#bytes);
    const first = this.#bytes === 0;
    const limit = this.limitOf(mirror);
    if (offset >= limit.offset || (room <= 0 && !first)) return;
    const outcome = reader.read(offset, room, first, limit);
    if (outcome !== OUTCOME.OK) {
      result.errorCode = this.#services.replies.readFailure(mirror, outcome);
      return;
    }
    if (reader.length === 0) return;
    if (this.#isCommitted && !this.#addAborted(mirror, reader, offset, result)) return;
    result.records = reader.bytes.subarray(reader.start, reader.start + reader.length);
    this.#bytes += reader.length;
  }

  /** What the client must leave out of the records. False where nobody can say. */
  #addAborted(
    mirror: PartitionMirror,
    reader: LogReader,
    offset: number,
    result: FetchResponsePartitionData,
  ): boolean {
    const outcome = reader.readAborted(offset);
    if (outcome === OUTCOME.OK) {
      if (reader.aborted.length > 0) result.abortedTransactions = [...reader.aborted];
      return true;
    }
    result.errorCode = this.#services.replies.readFailure(mirror, outcome);
    return false;
  }

  /**
   * A fetch may carry the epoch of the client's last record (KIP-595). The answer then says where
   * the client's history and this log part. Followers use it, and consumers may. True where there
   * is nothing to read.
   */
  #refuseHistory(
    target: FetchTarget,
    mirror: PartitionMirror,
    result: FetchResponsePartitionData,
  ): boolean {
    const { errorCode, epoch, endOffset } = target.endOfLastFetched(mirror);
    if (errorCode !== 0 || endOffset < 0 || target.fetchOffset < mirror.logStartOffset) {
      result.errorCode = errorCode === 0 ? ERROR.OFFSET_OUT_OF_RANGE : errorCode;
      return true;
    }
    if (!target.hasDiverged(mirror)) return false;
    result.divergingEpoch = { epoch, endOffset };
    this.#isUrgent = true;
    return true;
  }

  /** A compaction took the reader away. Its successor is asked for after the swap of the files. */
  #loadAgain(mirror: PartitionMirror): void {
    this.later(this.#services.loader.load(mirror).then(() => this.onPartitionsChanged()));
  }

  #answer(): void {
    const { session, incremental, targets } = this.plan;
    const response: Unthrottled<FetchResponse> = {
      errorCode: 0,
      sessionId: session === null ? 0 : session.id,
      responses: [],
      nodeEndpoints: [],
    };
    if (!this.countSent(this.#bytes, this.#results)) {
      // As in Kafka: nothing is told now, and the client asks for the same again.
      this.#end();
      this.#services.replies.reply(this.call, response);
      return;
    }
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i]!;
      const result = this.#results[i]!;
      if (result === null) continue;
      if (session === null || !incremental || isNews(target, result)) {
        addResult(response, target, result);
      }
      target.toldHighWatermark = result.highWatermark;
      target.toldLogStart = result.logStartOffset;
      if (session !== null && result.records!.length > 0) session.moveToEnd(target);
    }
    if (this.#isUrgent && this.call.apiVersion >= LEADER_HINTS_SINCE) {
      response.nodeEndpoints = this.#nameLeaders();
    }
    this.#end();
    this.#services.replies.reply(this.call, response);
  }

  /** Tells of each partition that is led elsewhere by whom, and answers with their addresses. */
  #nameLeaders(): BrokerEndpoint[] {
    const hints = new LeaderHints(this.call, this.#services);
    for (const [i, { topic, topicId, index }] of this.plan.targets.entries()) {
      const result = this.#results[i]!;
      if (result === null || !namesLeader(result.errorCode)) continue;
      result.currentLeader = hints.leaderOf(topic, topicId, index);
    }
    return hints.nodeEndpoints;
  }
}
