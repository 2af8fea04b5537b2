import { API } from '../../protocol/api-keys.ts';
import type { ShareFetchResponse } from '../../protocol/schema/78-share-fetch.ts';
import type { ShareAcknowledgeResponse } from '../../protocol/schema/79-share-acknowledge.ts';
import { answerError } from '../errors/kafka-error.ts';
import type { ClusterLink } from '../metadata/cluster-link.ts';
import type { Connection } from '../net/connection.ts';
import { LANE } from '../net/lane.ts';
import { pause } from '../net/pause.ts';
import type { AcknowledgedPlace, AcknowledgementBatch } from './pending-acknowledgements.ts';
import type { ShareSettings } from './share-options.ts';
import { byTopicId, ShareSession, sharedName } from './share-session.ts';

/** What is said of the records of one partition. */
export interface Said {
  readonly place: AcknowledgedPlace;
  readonly batches: readonly AcknowledgementBatch[];
}

const ACQUIRE_MODES = { batch_optimized: 0, record_limit: 1 } as const;
/** The first version that knows renewals. */
const RENEW_VERSION = 2;

/** The share session with one broker: one request after the other, each in its connection. */
export class ShareExchange {
  readonly #nodeId: number;
  readonly #link: ClusterLink;
  readonly #settings: ShareSettings;
  readonly #memberId: string;
  readonly #closing: AbortSignal;
  readonly #session = new ShareSession();
  #connection: Connection | null = null;

  constructor(
    nodeId: number,
    link: ClusterLink,
    settings: ShareSettings,
    memberId: string,
    closing: AbortSignal,
  ) {
    this.#nodeId = nodeId;
    this.#link = link;
    this.#settings = settings;
    this.#memberId = memberId;
    this.#closing = closing;
  }

  /** Whether the broker knows of no session: nothing can be acknowledged there. */
  get isNew(): boolean {
    return this.#session.isNew;
  }

  /** Whether the connection that the session began in is still open. */
  get isConnected(): boolean {
    return this.#connection?.isOpen === true;
  }

  /** Whether the broker that is connected knows renewals. */
  get canRenew(): boolean {
    return this.#connection!.versionOf(API.SHARE_ACKNOWLEDGE) >= RENEW_VERSION;
  }

  /** A session ends with its connection, and the broker releases all that was acquired in it. */
  restart(): void {
    this.#session.restart();
    this.#connection = null;
  }

  /** Connects where that is needed, and waits as long as the broker demands it. */
  async connect(): Promise<void> {
    if (!this.isConnected) {
      this.restart();
      this.#connection = await this.#link.network.connect(this.#nodeId, LANE.FETCH);
    }
    const leftMs = this.#connection!.throttledUntilMs - performance.now();
    if (leftMs > 0) await pause(leftMs, this.#closing);
  }

  /** Asks for records, and says what there is to say. An error of the whole answer throws. */
  async fetch(
    wanted: readonly AcknowledgedPlace[],
    said: readonly Said[],
  ): Promise<ShareFetchResponse> {
    const { groupId, maxPollRecords, fetchMaxWaitMs, shareAcquireMode } = this.#settings;
    const { requestTimeoutMs, fetchMinBytes, fetchMaxBytes } = this.#settings;
    const batches = new Map(said.map((each) => [sharedName(each.place), each.batches]));
    const places = said.map(({ place }) => place);
    const { epoch, added, forgotten } = this.#session.plan(wanted, places);
    const connection = this.#connection!;
    const version = connection.versionOf(API.SHARE_FETCH);
    const body = {
      groupId,
      memberId: this.#memberId,
      shareSessionEpoch: epoch,
      maxWaitMs: fetchMaxWaitMs,
      minBytes: fetchMinBytes,
      maxBytes: fetchMaxBytes,
      maxRecords: maxPollRecords,
      batchSize: maxPollRecords,
      shareAcquireMode: ACQUIRE_MODES[shareAcquireMode],
      topics: Array.from(byTopicId(added), ([topicId, list]) => ({
        topicId,
        partitions: list.map((each) => ({
          partitionIndex: each.partition,
          acknowledgementBatches: [...(batches.get(sharedName(each)) ?? [])],
        })),
      })),
      forgottenTopicsData: Array.from(byTopicId(forgotten), ([topicId, list]) => ({
        topicId,
        partitions: list.map(({ partition }) => partition),
      })),
    };
    const timeoutMs = fetchMaxWaitMs + requestTimeoutMs;
    const answer = await connection.askVersion(API.SHARE_FETCH, version, body, timeoutMs);
    this.#onAnswer(connection, answer);
    return answer;
  }

  /** Says what there is to say, and no more. The last request ends the session. */
  async acknowledge(
    said: readonly Said[],
    { isRenewal = false, isLast = false } = {},
  ): Promise<ShareAcknowledgeResponse> {
    const connection = this.#connection!;
    const version = connection.versionOf(API.SHARE_ACKNOWLEDGE);
    const topics = byTopicId(said.map(({ place, batches }) => ({ ...place, batches })));
    const answer = await connection.askVersion(API.SHARE_ACKNOWLEDGE, version, {
      groupId: this.#settings.groupId,
      memberId: this.#memberId,
      shareSessionEpoch: isLast ? ShareSession.LAST_EPOCH : this.#session.epoch,
      isRenewAck: isRenewal,
      topics: Array.from(topics, ([topicId, list]) => ({
        topicId,
        partitions: list.map(({ partition, batches }) => ({
          partitionIndex: partition,
          acknowledgementBatches: [...batches],
        })),
      })),
    });
    this.#onAnswer(connection, answer);
    return answer;
  }

  #onAnswer(connection: Connection, answer: ShareFetchResponse | ShareAcknowledgeResponse): void {
    const { throttleTimeMs, errorCode, errorMessage } = answer;
    connection.throttle(throttleTimeMs);
    if (errorCode !== 0) {
      const { groupId } = this.#settings;
      throw answerError(errorCode, errorMessage, `share group ${groupId}, broker ${this.#nodeId}`);
    }
    this.#session.onAnswer();
  }
}
