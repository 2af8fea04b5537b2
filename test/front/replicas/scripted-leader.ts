import { ERROR } from '../../../src/base/kafka-errors.ts';
import type { LeaderPeers } from '../../../src/front/replicas/leader-peers.ts';
import { API, type ApiKey } from '../../../src/protocol/api-keys.ts';
import type { RequestOf, ResponseOf } from '../../../src/protocol/api-registry.ts';
import type { Draft } from '../../../src/protocol/frames.ts';
import type {
  FetchRequest,
  FetchResponse,
  FetchResponsePartitionData,
} from '../../../src/protocol/schema/01-fetch.ts';
import type {
  ListOffsetsRequest,
  ListOffsetsResponse,
} from '../../../src/protocol/schema/02-list-offsets.ts';
import { setPartitionLeaderEpoch } from '../../../src/records/batch-layout.ts';
import { makeBatch } from '../../log/fixtures.ts';

const VERSION = 18;
/** For a request that finds nothing new. */
const WAIT_MAX_MS = 20;
const UNDEFINED = -1;
const LATEST = -1;

interface Batch {
  readonly offset: number;
  readonly end: number;
  readonly epoch: number;
  readonly bytes: Buffer;
}

interface Asked {
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: number;
  readonly lastFetchedEpoch: number;
  readonly logStartOffset: number;
}

/** The log of one partition at its leader. */
export class LeaderLog {
  batches: Batch[] = [];
  startOffset = 0;
  highWatermark = 0;
  epoch: number;
  /** In the place of its log. */
  errorCode = 0;

  constructor(epoch = 1) {
    this.epoch = epoch;
  }

  get endOffset(): number {
    return this.batches.at(-1)?.end ?? this.startOffset;
  }

  append(records = 1, recordBytes = 100): void {
    const offset = this.endOffset;
    const bytes = makeBatch(offset, { records, recordBytes });
    setPartitionLeaderEpoch(bytes, 0, this.epoch);
    this.batches.push({ offset, end: offset + records, epoch: this.epoch, bytes });
  }

  /** All bytes from its start. */
  get bytes(): Buffer {
    return Buffer.concat(this.batches.map(({ bytes }) => bytes));
  }

  /** The largest epoch not above one, and where it ends (KIP-101). */
  endOf(epoch: number): { epoch: number; endOffset: number } {
    const known = this.batches.filter((batch) => batch.epoch <= epoch).at(-1);
    if (known !== undefined) return { epoch: known.epoch, endOffset: known.end };
    const [first] = this.batches;
    if (first === undefined) return { epoch: UNDEFINED, endOffset: UNDEFINED };
    return { epoch, endOffset: first.offset };
  }

  answer(index: number, asked: Asked, bytesMax: number): FetchResponsePartitionData {
    const nothing = {
      partitionIndex: index,
      errorCode: this.#errorOf(asked),
      highWatermark: this.highWatermark,
      lastStableOffset: this.highWatermark,
      logStartOffset: this.startOffset,
      divergingEpoch: { epoch: UNDEFINED, endOffset: UNDEFINED },
      currentLeader: { leaderId: UNDEFINED, leaderEpoch: UNDEFINED },
      snapshotId: { epoch: UNDEFINED, endOffset: UNDEFINED },
      abortedTransactions: null,
      preferredReadReplica: UNDEFINED,
      records: Buffer.alloc(0),
    };
    if (nothing.errorCode !== 0) return nothing;
    const divergingEpoch = this.#divergence(asked);
    if (divergingEpoch !== null) return { ...nothing, divergingEpoch };
    if (asked.fetchOffset < this.startOffset || asked.fetchOffset > this.endOffset) {
      return { ...nothing, errorCode: ERROR.OFFSET_OUT_OF_RANGE };
    }
    const behind = this.batches.filter(({ end }) => end > asked.fetchOffset);
    return { ...nothing, records: firstBytes(behind, bytesMax) };
  }

  #errorOf({ currentLeaderEpoch }: Asked): number {
    if (this.errorCode !== 0) return this.errorCode;
    if (currentLeaderEpoch < this.epoch) return ERROR.FENCED_LEADER_EPOCH;
    return currentLeaderEpoch > this.epoch ? ERROR.UNKNOWN_LEADER_EPOCH : 0;
  }

  #divergence({ lastFetchedEpoch, fetchOffset }: Asked) {
    if (lastFetchedEpoch < 0) return null;
    const end = this.endOf(lastFetchedEpoch);
    const agrees = end.epoch === lastFetchedEpoch && end.endOffset >= fetchOffset;
    return agrees || end.epoch === UNDEFINED ? null : end;
  }
}

/** The first batch at least; the last may be cut off. */
function firstBytes(batches: readonly Batch[], bytesMax: number): Buffer {
  const all = Buffer.concat(batches.map(({ bytes }) => bytes));
  return all.subarray(0, Math.max(bytesMax, batches[0]?.bytes.length ?? 0));
}

/** What an answer is made of in the place of the leader's own. It may throw. */
export type Script = (
  request: Draft<FetchRequest>,
  answer: () => FetchResponse,
) => FetchResponse | Promise<FetchResponse>;

/**
 * A broker that leads partitions and keeps one fetch session for its follower, as KIP-227 says. A
 * request that finds nothing new waits a little, or until `poke`.
 */
export class ScriptedLeader implements LeaderPeers {
  readonly logs = new Map<string, LeaderLog>();
  readonly names = new Map<string, string>();
  readonly requests: Draft<FetchRequest>[] = [];
  readonly listed: Draft<ListOffsetsRequest>[] = [];
  readonly scripts: Script[] = [];
  bytesMax = 1024 * 1024;
  /** It keeps no session, as where it has too many. */
  keepsSessions = true;
  /** High watermarks. */
  readonly #told = new Map<string, number>();
  #session = new Map<string, Asked>();
  #sessionId = 0;
  #sessionEpoch = 0;
  #waiting: (() => void)[] = [];
  readonly #unanswered: ((error: Error) => void)[] = [];
  #isClosed = false;

  add(topic: string, topicId: string, index: number, log = new LeaderLog()): LeaderLog {
    this.logs.set(`${topicId} ${index}`, log);
    this.names.set(topic, topicId);
    return log;
  }

  /** Parked requests are looked at again. */
  poke(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** A script of a leader that is cut off: only `drop` ends the wait for its answer. */
  silent: Script = () => new Promise((_, reject) => this.#unanswered.push(reject));

  get isSilent(): boolean {
    return this.#unanswered.length > 0;
  }

  drop(): void {
    for (const fail of this.#unanswered.splice(0)) fail(new Error('the connection is given up'));
  }

  close(): void {
    this.#isClosed = true;
    this.drop();
    this.poke();
  }

  #park(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      setTimeout(() => this.poke(), WAIT_MAX_MS).unref();
    });
  }

  /** The partitions that its session has, as topic id and number. */
  get session(): string[] {
    return [...this.#session.keys()].sort();
  }

  get isParked(): boolean {
    return this.#waiting.length > 0;
  }

  async ask<Key extends ApiKey>(
    _nodeId: number,
    apiKey: Key,
    body: (version: number) => Draft<RequestOf<Key>>,
    _maxVersion?: number,
  ): Promise<ResponseOf<Key>> {
    await Promise.resolve();
    if (this.#isClosed) throw new Error('the connection is closed');
    const request = body(VERSION);
    const answer =
      apiKey === API.FETCH
        ? await this.#fetch(request as Draft<FetchRequest>)
        : this.#list(request as Draft<ListOffsetsRequest>);
    return answer as ResponseOf<Key>;
  }

  async #fetch(request: Draft<FetchRequest>): Promise<FetchResponse> {
    this.requests.push(request);
    const script = this.scripts.shift();
    if (script !== undefined) return script(request, () => this.#answer(request));
    const error = this.#begin(request);
    if (error !== 0) return refusal(error);
    if (this.#session.size > 0 && this.#look(false).length === 0) await this.#park();
    if (this.#isClosed) throw new Error('the connection is closed');
    return this.#finish(request);
  }

  #answer(request: Draft<FetchRequest>): FetchResponse {
    const error = this.#begin(request);
    return error === 0 ? this.#finish(request) : refusal(error);
  }

  /** What the session makes of the request. 0, or the error. */
  #begin(request: Draft<FetchRequest>): number {
    const isFull = request.sessionEpoch === 0;
    if (!isFull && request.sessionId !== this.#sessionId) return ERROR.FETCH_SESSION_ID_NOT_FOUND;
    if (!isFull && request.sessionEpoch !== this.#sessionEpoch + 1) {
      return ERROR.INVALID_FETCH_SESSION_EPOCH;
    }
    if (isFull) {
      this.#session = new Map();
      this.#sessionId = this.keepsSessions ? this.#sessionId + 1 : 0;
    }
    this.#sessionEpoch = request.sessionEpoch!;
    this.#alter(request);
    return 0;
  }

  #finish({ sessionEpoch }: Draft<FetchRequest>): FetchResponse {
    const responses = this.#look(sessionEpoch === 0);
    for (const { topicId, partitions } of responses) {
      for (const { partitionIndex, highWatermark } of partitions) {
        this.#told.set(`${topicId} ${partitionIndex}`, highWatermark);
      }
    }
    return { ...refusal(0), sessionId: this.#sessionId, responses };
  }

  #alter(request: Draft<FetchRequest>): void {
    for (const { topicId, partitions } of request.forgottenTopicsData!) {
      for (const index of partitions!) this.#session.delete(`${topicId} ${index}`);
    }
    for (const { topicId, partitions } of request.topics!) {
      for (const each of partitions!) {
        this.#session.set(`${topicId} ${each.partition}`, each as unknown as Asked);
      }
    }
  }

  /** All of the session, or what is worth telling. */
  #look(isFull: boolean): FetchResponse['responses'] {
    const responses = new Map<string, FetchResponsePartitionData[]>();
    for (const [key, asked] of this.#session) {
      const [topicId, index] = key.split(' ') as [string, string];
      const log = this.logs.get(key) ?? new LeaderLog();
      if (!this.logs.has(key)) log.errorCode = ERROR.UNKNOWN_TOPIC_ID;
      const data = log.answer(Number(index), asked, this.bytesMax);
      const isNews =
        isFull ||
        data.errorCode !== 0 ||
        data.divergingEpoch.epoch >= 0 ||
        data.records!.length > 0 ||
        data.highWatermark !== this.#told.get(key);
      if (!isNews) continue;
      responses.set(topicId, [...(responses.get(topicId) ?? []), data]);
    }
    return Array.from(responses, ([topicId, partitions]) => ({ topic: '', topicId, partitions }));
  }

  #list(request: Draft<ListOffsetsRequest>): ListOffsetsResponse {
    this.listed.push(request);
    const topics = request.topics!.map(({ name, partitions }) => ({
      name: name!,
      partitions: partitions!.map(({ partitionIndex, currentLeaderEpoch, timestamp }) => {
        const log = this.logs.get(`${this.names.get(name!)} ${partitionIndex}`)!;
        const errorCode = currentLeaderEpoch! < log.epoch ? ERROR.FENCED_LEADER_EPOCH : 0;
        return {
          partitionIndex: partitionIndex!,
          errorCode,
          timestamp: -1,
          offset: timestamp === LATEST ? log.endOffset : log.startOffset,
          leaderEpoch: log.epoch,
        };
      }),
    }));
    return { throttleTimeMs: 0, topics };
  }
}

export function refusal(errorCode: number): FetchResponse {
  return { throttleTimeMs: 0, errorCode, sessionId: 0, responses: [], nodeEndpoints: [] };
}
