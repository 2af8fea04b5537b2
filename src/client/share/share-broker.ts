import { ERROR } from '../../base/kafka-errors.ts';
import type {
  ShareFetchResponse,
  ShareFetchResponsePartitionData,
} from '../../protocol/schema/78-share-fetch.ts';
import type { ShareAcknowledgeResponse } from '../../protocol/schema/79-share-acknowledge.ts';
import { News } from '../consumer/news.ts';
import { answerError, KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import type { BackOff } from '../net/back-off.ts';
import { pause } from '../net/pause.ts';
import { ACKNOWLEDGE } from './acknowledge-type.ts';
import type { AcknowledgedPartition } from './acknowledged-partition.ts';
import { HeldRecords } from './held-records.ts';
import { type AcknowledgedPlace, PendingAcknowledgements } from './pending-acknowledgements.ts';
import type { ShareExchange } from './share-exchange.ts';
import type { RecordHolder, ShareRecord } from './share-record.ts';
import { sharedName } from './share-session.ts';

/** What was said waits for the next fetch or commit, at most so long. */
const ACKNOWLEDGE_WITHIN_MS = 1_000;

/** What the work with one broker needs of the consumer. */
export interface SharePeer {
  /** What to fetch from the broker now; empty where nobody waits for records. */
  wantedOf(nodeId: number): readonly AcknowledgedPlace[];
  /** Reads what was acquired of one partition, and why nothing was; returns how many records. */
  onPartition(
    place: AcknowledgedPlace,
    data: ShareFetchResponsePartitionData,
    answer: ShareFetchResponse,
    held: { readonly records: HeldRecords; readonly holder: RecordHolder },
  ): number;
  /** An answer has brought so many records, in so many bytes. */
  onAcquired(records: number, bytes: number): void;
  /** What was said of so many records leaves. */
  onSaid(records: number): void;
  /** A fetch is over, well or not. */
  onFetched(nodeId: number): void;
  onAcknowledged(partitions: readonly AcknowledgedPartition[], isAwaited: boolean): void;
  /** The broker refused what was said because it does not lead the partition. */
  onMoved(
    place: AcknowledgedPlace,
    leader: { readonly leaderId: number; readonly leaderEpoch: number },
    endpoints: ShareAcknowledgeResponse['nodeEndpoints'],
  ): void;
  onUnreachable(nodeId: number): void;
  onError(error: KafkaError): void;
}

interface Refusal {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

interface Renewal {
  readonly place: AcknowledgedPlace;
  readonly record: ShareRecord<unknown, unknown>;
  readonly resolve: (lockedUntilMs: number) => void;
  readonly reject: (error: KafkaError) => void;
}

const MOVED: ReadonlySet<number> = new Set<number>([
  ERROR.NOT_LEADER_OR_FOLLOWER,
  ERROR.FENCED_LEADER_EPOCH,
  ERROR.UNKNOWN_TOPIC_OR_PARTITION,
  ERROR.UNKNOWN_TOPIC_ID,
]);

/** Fetches from one broker and acknowledges there, one request after the other in one session. */
export class ShareBroker {
  readonly #nodeId: number;
  readonly #exchange: ShareExchange;
  readonly #peer: SharePeer;
  readonly #closing: AbortSignal;
  readonly #backOff: BackOff;
  readonly #news = new News();
  readonly #held = new HeldRecords();
  readonly #places = new Map<string, AcknowledgedPlace>();
  /** What was said in the request that is on its way. */
  #inFlight: PendingAcknowledgements[] = [];
  #renewals: Renewal[] = [];
  #commits: ((partitions: AcknowledgedPartition[]) => void)[] = [];
  /** What became of what was said, where commits wait for it. */
  #collected: AcknowledgedPartition[] | null = null;
  /** What was said is to be sent now. */
  #isHurried = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    nodeId: number,
    exchange: ShareExchange,
    peer: SharePeer,
    options: { readonly closing: AbortSignal; readonly backOff: BackOff },
  ) {
    this.#nodeId = nodeId;
    this.#exchange = exchange;
    this.#peer = peer;
    this.#closing = options.closing;
    this.#backOff = options.backOff;
  }

  wake(): void {
    this.#news.tell();
  }

  /** Sends all that was said, and resolves with what became of it. */
  commit(): Promise<AcknowledgedPartition[]> {
    const settled = new Promise<AcknowledgedPartition[]>((resolve) => this.#commits.push(resolve));
    this.hurry();
    return settled;
  }

  /** Sends all that was said. */
  hurry(): void {
    this.#isHurried = true;
    this.#news.tell();
  }

  /** Until the consumer closes; then what was said is sent, and the broker releases the rest. */
  async run(): Promise<void> {
    while (!this.#closing.aborted) {
      if (this.#renewals.length > 0) await this.#attempt(() => this.#renew());
      else if (this.#isHurried) await this.#acknowledgeAll();
      else await this.#fetchOrRest();
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#end();
  }

  async #fetchOrRest(): Promise<void> {
    const wanted = this.#peer.wantedOf(this.#nodeId);
    if (wanted.length === 0) {
      await this.#news.next();
      return;
    }
    await this.#attempt(() => this.#fetch(wanted));
    this.#peer.onFetched(this.#nodeId);
  }

  /** What fails as a whole takes the session with it. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      if (!this.#exchange.isConnected) this.#lose(this.#lostConnection());
      await this.#exchange.connect();
      await work();
      this.#backOff.reset();
    } catch (thrown) {
      const error = toKafkaError(thrown, 'NETWORK_EXCEPTION');
      this.#exchange.restart();
      this.#lose(error);
      if (this.#closing.aborted) return;
      this.#peer.onUnreachable(this.#nodeId);
      if (!error.retriable) this.#peer.onError(error);
      await pause(this.#backOff.next(), this.#closing);
    }
  }

  async #fetch(wanted: readonly AcknowledgedPlace[]): Promise<void> {
    if (!this.#exchange.isNew) this.#takePending();
    for (const place of wanted) this.#places.set(sharedName(place), place);
    const answer = await this.#exchange.fetch(wanted, this.#said());
    const refusals = new Map<string, Refusal>();
    let acquired = 0;
    let bytes = 0;
    for (const { topicId, partitions } of answer.responses) {
      for (const data of partitions) {
        const name = sharedName({ topicId, partition: data.partitionIndex });
        const { acknowledgeErrorCode: errorCode, acknowledgeErrorMessage: errorMessage } = data;
        refusals.set(name, { errorCode, errorMessage });
        const place = this.#places.get(name);
        if (place === undefined) continue;
        const held = { records: this.#held, holder: this.#holderOf(place) };
        acquired += this.#peer.onPartition(place, data, answer, held);
        bytes += data.records?.length ?? 0;
      }
    }
    if (acquired > 0) this.#peer.onAcquired(acquired, bytes);
    this.#settle(refusals);
    if (this.#held.hasPending) this.#arm();
  }

  /** Goes on until all of it is settled, one way or the other. */
  async #acknowledgeAll(): Promise<void> {
    const commits = this.#commits;
    this.#commits = [];
    this.#isHurried = false;
    this.#collected = commits.length > 0 ? [] : null;
    while (this.#held.hasPending && !this.#closing.aborted) {
      await this.#attempt(() => this.#acknowledge());
      if (this.#held.hasPending) await pause(this.#backOff.next(), this.#closing);
    }
    if (this.#held.hasPending) {
      this.#commits.push(...commits);
      return;
    }
    this.#resolve(commits);
  }

  async #acknowledge(isLast = false): Promise<void> {
    this.#takePending();
    if (this.#inFlight.length === 0 && !isLast) return;
    const answer = await this.#exchange.acknowledge(this.#said(), { isLast });
    this.#settle(this.#refusalsOf(answer));
  }

  async #renew(): Promise<void> {
    const renewals = [...this.#renewals];
    if (renewals.length === 0) return;
    if (!this.#exchange.canRenew) {
      const text = `broker ${this.#nodeId} cannot renew the locks of records`;
      this.#rejectRenewals(new KafkaError('UNSUPPORTED_VERSION', text));
      return;
    }
    const said = new Map<string, PendingAcknowledgements>();
    for (const { place, record } of renewals) {
      const name = sharedName(place);
      const pending = said.get(name) ?? new PendingAcknowledgements(place);
      const { offset: firstOffset } = record;
      pending.addRange({ firstOffset, lastOffset: firstOffset, type: ACKNOWLEDGE.RENEW });
      said.set(name, pending);
    }
    const answer = await this.#exchange.acknowledge([...said.values()].map(saidOf), {
      isRenewal: true,
    });
    const refusals = this.#refusalsOf(answer);
    this.#renewals = this.#renewals.slice(renewals.length);
    const lockedUntilMs = performance.now() + answer.acquisitionLockTimeoutMs;
    for (const { place, resolve, reject } of renewals) {
      const error = refusalError(place, refusals.get(sharedName(place)));
      if (error === null) resolve(lockedUntilMs);
      else reject(error);
    }
  }

  async #end(): Promise<void> {
    const isOver = this.#exchange.isNew || !this.#exchange.isConnected;
    try {
      if (!isOver) await this.#acknowledge(true);
    } catch (thrown) {
      this.#lose(toKafkaError(thrown, 'NETWORK_EXCEPTION'));
    }
    this.#lose(isOver ? this.#lostConnection() : new KafkaError('CLOSED', 'the client is closed'));
    this.#resolve(this.#commits);
  }

  #resolve(commits: readonly ((partitions: AcknowledgedPartition[]) => void)[]): void {
    const collected = this.#collected ?? [];
    this.#collected = null;
    for (const resolve of commits) resolve(collected);
  }

  /** What was said of records whose locks have ended is not sent. */
  #takePending(): void {
    const nowMs = performance.now();
    const all = this.#held.takePending();
    const expired = all.map((each) => each.takeExpired(nowMs));
    this.#inFlight = all.filter(({ isEmpty }) => !isEmpty);
    const said = this.#inFlight.reduce((sum, { records }) => sum + records.length, 0);
    if (said > 0) this.#peer.onSaid(said);
    this.#report(expired, ({ place: { topic, partition } }) => {
      const text = `partition ${topic}-${partition}: the locks of the records have ended`;
      return new KafkaError('INVALID_RECORD_STATE', text, { topic, partition });
    });
  }

  #said() {
    return this.#inFlight.map(saidOf);
  }

  #settle(refusals: ReadonlyMap<string, Refusal>): void {
    const settled = this.#inFlight;
    this.#inFlight = [];
    const errors = new Map<PendingAcknowledgements, KafkaError | null>();
    const nowMs = performance.now();
    for (const each of settled) {
      const error = refusalError(each.place, refusals.get(sharedName(each.place)));
      const isPassing = error?.retriable === true && !MOVED.has(error.errorCode);
      if (isPassing && each.hasLive(nowMs)) this.#held.putBack(each);
      else errors.set(each, error);
    }
    this.#report([...errors.keys()], (each) => errors.get(each)!);
  }

  #refusalsOf(answer: ShareAcknowledgeResponse): Map<string, Refusal> {
    const refusals = new Map<string, Refusal>();
    for (const { topicId, partitions } of answer.responses) {
      for (const data of partitions) {
        const name = sharedName({ topicId, partition: data.partitionIndex });
        const place = this.#places.get(name);
        refusals.set(name, data);
        if (place === undefined || !MOVED.has(data.errorCode)) continue;
        this.#peer.onMoved(place, data.currentLeader, answer.nodeEndpoints);
      }
    }
    return refusals;
  }

  /** The broker gives to others what was acquired in the session. */
  #lose(error: KafkaError): void {
    const lost = [...this.#inFlight, ...this.#held.lose()];
    this.#inFlight = [];
    this.#rejectRenewals(error);
    this.#report(lost, () => error);
  }

  #rejectRenewals(error: KafkaError): void {
    const renewals = this.#renewals;
    this.#renewals = [];
    for (const { reject } of renewals) reject(error);
  }

  #report(
    settled: readonly PendingAcknowledgements[],
    errorOf: (each: PendingAcknowledgements) => KafkaError | null,
  ): void {
    const partitions = settled.flatMap((each) => {
      const { place, offsets } = each;
      const { topic, partition } = place;
      return offsets.length === 0 ? [] : [{ topic, partition, offsets, error: errorOf(each) }];
    });
    if (partitions.length === 0) return;
    this.#collected?.push(...partitions);
    this.#peer.onAcknowledged(partitions, this.#collected !== null);
  }

  #holderOf(place: AcknowledgedPlace): RecordHolder {
    return {
      acknowledge: (record) => {
        if (record.isLost) {
          const said = new PendingAcknowledgements(place);
          said.add(record);
          this.#report([said], () => this.#lostConnection());
          return;
        }
        this.#held.mark(place, record);
        this.#arm();
      },
      renew: (record) =>
        new Promise((resolve, reject) => {
          this.#renewals.push({ place, record, resolve, reject });
          this.#news.tell();
        }),
    };
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.hurry();
    }, ACKNOWLEDGE_WITHIN_MS);
  }

  #lostConnection(): KafkaError {
    const text = `the connection to broker ${this.#nodeId} was lost, and what was acquired in it`;
    return new KafkaError('NETWORK_EXCEPTION', text);
  }
}

function saidOf(pending: PendingAcknowledgements) {
  return { place: pending.place, batches: pending.batches() };
}

function refusalError(place: AcknowledgedPlace, refusal: Refusal | undefined): KafkaError | null {
  const { topic, partition } = place;
  const what = `partition ${topic}-${partition}`;
  if (refusal === undefined) {
    const text = `${what}: the broker did not say what became of the acknowledgements`;
    return new KafkaError('INVALID_RECORD_STATE', text, { topic, partition });
  }
  const { errorCode, errorMessage } = refusal;
  if (errorCode === ERROR.NONE) return null;
  return answerError(errorCode, errorMessage, what, { topic, partition });
}
