import { API } from '../../../protocol/api-keys.ts';
import type { FetchResponse } from '../../../protocol/schema/01-fetch.ts';
import { ZERO_UUID } from '../../../protocol/schema-dsl.ts';
import { CHANNELS } from '../../diagnostics/client-channels.ts';
import { answerError, toKafkaError } from '../../errors/kafka-error.ts';
import type { ClusterLink } from '../../metadata/cluster-link.ts';
import { BackOff } from '../../net/back-off.ts';
import type { Connection } from '../../net/connection.ts';
import { LANE } from '../../net/lane.ts';
import { pause } from '../../net/pause.ts';
import type { ConsumerSettings } from '../consumer-options.ts';
import { News } from '../news.ts';
import { FetchSession, type FetchTarget } from './fetch-session.ts';

/** The last version with topic names; ids take their place after it. */
const BY_NAME_VERSION = 12;
/** How long the broker waits where partitions were left out because they have enough to read. */
const SHORT_WAIT_MS = 10;
const CONSUMER_REPLICA = -1;

export interface Wanted {
  readonly targets: readonly FetchTarget[];
  /** Partitions of this broker were left out that may soon be wanted again. */
  readonly hasLeftOut: boolean;
}

/** What the fetches of one broker need of the fetcher. */
export interface FetchPeer {
  wantedOf(nodeId: number): Wanted;
  onAnswer(answer: FetchResponse, session: FetchSession): void;
  /** Called once the next request is on its way. */
  onDelivered(): void;
  onUnreachable(nodeId: number): void;
}

/** Fetches from one broker, one request after the other in one session. */
export class BrokerFetch {
  readonly #nodeId: number;
  readonly #link: ClusterLink;
  readonly #settings: ConsumerSettings;
  readonly #peer: FetchPeer;
  readonly #session = new FetchSession();
  readonly #news = new News();
  readonly #closing: AbortSignal;
  readonly #backOff: BackOff;
  #usesNames = false;

  constructor(
    nodeId: number,
    link: ClusterLink,
    settings: ConsumerSettings,
    peer: FetchPeer,
    closing: AbortSignal,
  ) {
    this.#nodeId = nodeId;
    this.#link = link;
    this.#settings = settings;
    this.#peer = peer;
    this.#closing = closing;
    this.#backOff = new BackOff(settings.retryBackoffMs, settings.retryBackoffMaxMs);
  }

  wake(): void {
    this.#news.tell();
  }

  /** Until the consumer closes. */
  async run(): Promise<void> {
    while (!this.#closing.aborted) {
      const wanted = this.#peer.wantedOf(this.#nodeId);
      if (wanted.targets.length === 0) {
        this.#peer.onDelivered();
        await this.#news.next();
        continue;
      }
      try {
        const answer = await this.#ask(wanted);
        this.#backOff.reset();
        if (this.#session.onAnswer(answer.errorCode, answer.sessionId)) {
          this.#peer.onAnswer(answer, this.#session);
        }
      } catch (thrown) {
        if (this.#closing.aborted) return;
        await this.#onFailure(thrown);
      }
    }
  }

  async #ask(wanted: Wanted): Promise<FetchResponse> {
    const lane = this.#link.network.lane(this.#nodeId, LANE.FETCH);
    const connection =
      lane?.current ?? (await this.#link.network.connect(this.#nodeId, LANE.FETCH));
    await this.#throttled(connection);
    const { settings } = this.#link;
    const maxWaitMs = this.#waitMs(wanted);
    const version = this.#version(connection, wanted.targets);
    const asked = connection.askVersion(
      API.FETCH,
      version,
      {
        replicaId: CONSUMER_REPLICA,
        maxWaitMs,
        minBytes: this.#settings.fetchMinBytes,
        maxBytes: this.#settings.fetchMaxBytes,
        isolationLevel: this.#settings.isolationLevel === 'read_committed' ? 1 : 0,
        rackId: settings.clientRack,
        ...this.#session.plan(wanted.targets),
      },
      maxWaitMs + settings.requestTimeoutMs,
    );
    // What the last answer brought is read only once the next request is on its way.
    connection.flush();
    this.#peer.onDelivered();
    const sentMs = performance.now();
    const answer = await asked;
    if (CHANNELS.fetch.hasSubscribers) this.#tell(answer, performance.now() - sentMs);
    connection.throttle(answer.throttleTimeMs);
    if (answer.errorCode === 0) return answer;
    this.#session.onAnswer(answer.errorCode, answer.sessionId);
    throw answerError(answer.errorCode, null, `fetch from broker ${this.#nodeId}`);
  }

  #tell({ responses }: FetchResponse, durationMs: number): void {
    let partitions = 0;
    let bytes = 0;
    for (const topic of responses) {
      for (const { records } of topic.partitions) {
        if (records === null || records.length === 0) continue;
        partitions++;
        bytes += records.length;
      }
    }
    const { clientId } = this.#link.settings;
    CHANNELS.fetch.publish({ clientId, nodeId: this.#nodeId, partitions, bytes, durationMs });
  }

  #waitMs(wanted: Wanted): number {
    const { fetchMaxWaitMs } = this.#settings;
    return wanted.hasLeftOut ? Math.min(fetchMaxWaitMs, SHORT_WAIT_MS) : fetchMaxWaitMs;
  }

  async #throttled(connection: Connection): Promise<void> {
    const leftMs = connection.throttledUntilMs - performance.now();
    if (leftMs > 0) await pause(leftMs, this.#closing);
  }

  #version(connection: Connection, targets: readonly FetchTarget[]): number {
    const usesNames = targets.some(({ topicId }) => topicId === ZERO_UUID);
    if (usesNames !== this.#usesNames) this.#session.restart();
    this.#usesNames = usesNames;
    return connection.versionOf(API.FETCH, usesNames ? BY_NAME_VERSION : undefined);
  }

  async #onFailure(thrown: unknown): Promise<void> {
    const error = toKafkaError(thrown, 'NETWORK_EXCEPTION');
    this.#session.restart();
    this.#peer.onDelivered();
    this.#peer.onUnreachable(this.#nodeId);
    if (!error.retriable) this.#settings.onError(error);
    await pause(this.#backOff.next(), this.#closing);
  }
}
