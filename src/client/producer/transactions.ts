import { inBackground } from '../../base/in-background.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { isKafkaError, KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import type { ClusterLink } from '../metadata/cluster-link.ts';
import { abortable } from '../net/abortable.ts';
import { inTopics } from '../topic-partition.ts';
import { CoordinatorCalls } from './coordinator-calls.ts';
import type { PartitionQueue } from './partition-queue.ts';
import type { ProducerIdentity } from './producer-identity.ts';
import type { ProducerSettings } from './producer-options.ts';
import type { SendGate } from './sender.ts';

/** An offset that a transaction commits for a group: of the next record to read. */
export interface TransactionOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch?: number;
  readonly metadata?: string | null;
}

/** Which member of a group commits, and of which generation; a consumer gives it. */
export interface GroupMetadata {
  readonly groupId: string;
  /** The generation, or the member epoch in the new protocol. */
  readonly generationId?: number;
  readonly memberId?: string;
  readonly groupInstanceId?: string | null;
}

/** What the transactions need of their producer. */
export interface TransactionHost {
  /** Counts the time of what gets an id and an epoch. */
  timedInit<T>(work: Promise<T>): Promise<T>;
  wake(): void;
  /** Sends all that was written; resolves once all of it has its outcome. */
  drained(): Promise<void>;
  /** Resolves once no request is on its way. */
  landed(): Promise<void>;
  failUnsent(error: KafkaError): void;
  /** Forgets the numbers of all partitions: there is a new epoch. */
  resetSequences(): void;
  /** The next transaction has no partitions yet. */
  resetMembership(): void;
}

type State = 'new' | 'ready' | 'open' | 'ending' | 'abortable' | 'fatal';

const FEATURE = 'transaction.version';
const SECOND_PROTOCOL = 2;
/** The last versions that the first protocol of transactions may use. */
const FIRST_PRODUCE = 11;
const FIRST_END = 4;
const FIRST_OFFSETS = 4;
const FIRST_PARTITIONS = 3;
const NEWEST = Number.POSITIVE_INFINITY;

const FENCED: readonly string[] = [
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_EPOCH',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'INVALID_PRODUCER_ID_MAPPING',
];

/**
 * The transactions of a producer, one after the other, in either protocol (KIP-98, KIP-890). In the
 * second, which a cluster has once it finalized `transaction.version` 2, a partition joins with its
 * first batch, and each end gives a new epoch.
 */
export class Transactions implements SendGate {
  readonly #settings: ProducerSettings;
  readonly #link: ClusterLink;
  readonly #identity: ProducerIdentity;
  readonly #host: TransactionHost;
  readonly #calls: CoordinatorCalls;
  #state: State = 'new';
  #error: KafkaError | null = null;
  #isSecond = false;
  /** Which protocol the epoch is of: the change to the second one needs a new epoch. */
  #epochIsSecond = false;
  /** Whether the coordinator knows of the transaction, or will. */
  #hasBegun = false;
  #begunMs = 0;
  /** Whether a commit was asked for whose answer never came. */
  #isInDoubt = false;
  #joining = new Set<PartitionQueue>();
  #isJoining = false;

  constructor(
    link: ClusterLink,
    settings: ProducerSettings,
    identity: ProducerIdentity,
    host: TransactionHost,
  ) {
    this.#link = link;
    this.#settings = settings;
    this.#identity = identity;
    this.#host = host;
    this.#calls = new CoordinatorCalls(link, settings.maxBlockMs);
  }

  get isOpen(): boolean {
    return this.#state === 'open' || this.#state === 'abortable';
  }

  get maxVersion(): number {
    return this.#isSecond ? NEWEST : FIRST_PRODUCE;
  }

  get isBroken(): boolean {
    return this.#state === 'abortable' || this.#state === 'fatal';
  }

  /** Throws where no record may be written now. */
  requireWritable(): void {
    if (this.#state === 'open') return;
    if (this.#error !== null) throw this.#error;
    throw new KafkaError('INVALID_TXN_STATE', 'there is no open transaction to write to', {
      category: 'invalid-configuration',
    });
  }

  admits(queue: PartitionQueue): boolean {
    // A commit waits for what was written before it.
    if (this.#state !== 'open' && this.#state !== 'ending') return false;
    if (this.#isSecond) {
      this.#hasBegun = true;
      return true;
    }
    if (queue.isInTransaction) return true;
    this.#joining.add(queue);
    this.#join();
    return false;
  }

  onFailure(error: KafkaError): void {
    if (this.#state === 'fatal') return;
    if (FENCED.includes(error.code)) this.#failForGood(error);
    else if (this.#state === 'open' || this.#state === 'ending') this.#mustAbort(error);
  }

  /** Opens a transaction; the first one fences older producers of the same transactional id. */
  async begin(signal?: AbortSignal): Promise<void> {
    if (this.#state === 'new') await this.#initialize(-1, -1, signal);
    this.#requireState('ready', 'begin');
    this.#isSecond = this.#link.network.featureLevel(FEATURE) >= SECOND_PROTOCOL;
    if (this.#isSecond && !this.#epochIsSecond) {
      await this.#initialize(this.#identity.id, this.#identity.epoch, signal);
    }
    this.#hasBegun = false;
    this.#begunMs = performance.now();
    this.#error = null;
    this.#state = 'open';
  }

  async sendOffsets(
    offsets: readonly TransactionOffset[],
    group: GroupMetadata,
    signal?: AbortSignal,
  ): Promise<void> {
    this.requireWritable();
    if (offsets.length === 0) return;
    try {
      if (!this.#isSecond) await this.#addGroup(group.groupId, signal);
      this.#hasBegun = true;
      await this.#commitOffsets(offsets, group, signal);
    } catch (thrown) {
      throw this.#noted(toKafkaError(thrown));
    }
  }

  async commit(signal?: AbortSignal): Promise<void> {
    this.requireWritable();
    this.#state = 'ending';
    try {
      await abortable(this.#host.drained(), signal, 'the commit of the transaction');
      if ((this.#state as State) !== 'ending') throw this.#error!;
      await this.#end(true, signal);
    } catch (thrown) {
      // Whether the coordinator has heard of the commit is not known: to abort finds it out.
      const isFatal = (this.#state as State) === 'fatal';
      if (isKafkaError(thrown, 'ABORTED') && !isFatal) this.#mustAbort(thrown as KafkaError);
      throw thrown;
    }
  }

  async abort(signal?: AbortSignal): Promise<void> {
    if (this.#state === 'fatal') throw this.#error!;
    if (!this.isOpen) this.#requireState('open', 'abort');
    const isBroken = this.#state === 'abortable';
    this.#state = 'abortable';
    const error = new KafkaError('TRANSACTION_ABORTABLE', 'the transaction was aborted');
    this.#host.failUnsent(error);
    await abortable(this.#host.landed(), signal, 'the abort of the transaction');
    this.#joining.clear();
    await this.#end(false, signal);
    // Batches that were lost left gaps in the numbers, which only a new epoch closes.
    const needsEpoch = isBroken && !this.#isSecond;
    if (needsEpoch) await this.#initialize(this.#identity.id, this.#identity.epoch, signal);
  }

  async #initialize(id: number, epoch: number, signal: AbortSignal | undefined): Promise<void> {
    const { transactionalId, transactionTimeoutMs } = this.#settings;
    try {
      const asked = this.#calls.ofTransaction(
        transactionalId,
        API.INIT_PRODUCER_ID,
        { transactionalId, transactionTimeoutMs, producerId: id, producerEpoch: epoch },
        { codeOf: ({ errorCode }) => errorCode, signal },
      );
      const answer = await this.#host.timedInit(asked);
      this.#host.resetSequences();
      this.#identity.set(answer.producerId, answer.producerEpoch);
      this.#epochIsSecond = this.#link.network.featureLevel(FEATURE) >= SECOND_PROTOCOL;
      this.#state = 'ready';
    } catch (thrown) {
      const error = toKafkaError(thrown);
      if (FENCED.includes(error.code)) this.#failForGood(error);
      throw error;
    }
  }

  async #end(committed: boolean, signal: AbortSignal | undefined): Promise<void> {
    try {
      if (this.#hasBegun) await this.#askToEnd(committed, signal);
    } catch (thrown) {
      const error = toKafkaError(thrown);
      if (!committed && this.#isInDoubt && error.code === 'INVALID_TXN_STATE') {
        throw this.#wasCommitted(error);
      }
      const isGone = committed && error.code === 'INVALID_TXN_STATE';
      this.#isInDoubt = committed && !isGone;
      throw this.#noted(isGone ? this.#wasAborted(error) : error);
    }
    this.#close('ready');
  }

  /** A commit that was given up has happened. The next transaction begins with a new epoch. */
  #wasCommitted(cause: KafkaError): KafkaError {
    this.#close('new');
    const text = 'the transaction cannot be aborted: its commit was given up, but has happened';
    return new KafkaError('INVALID_TXN_STATE', text, { cause });
  }

  /** There is no such transaction to commit any more. */
  #wasAborted({ message }: KafkaError): KafkaError {
    const { transactionTimeoutMs } = this.#settings;
    const why = `open for longer than transaction.timeout.ms (${transactionTimeoutMs} ms)`;
    const age = `this one was begun ${Math.round(performance.now() - this.#begunMs)} ms ago`;
    const text = `its coordinator has aborted it, as it does what is ${why}; ${age}: ${message}`;
    return new KafkaError('TRANSACTION_ABORTABLE', text, { category: 'abortable' });
  }

  #close(state: State): void {
    this.#hasBegun = false;
    this.#isInDoubt = false;
    this.#error = null;
    this.#state = state;
  }

  async #askToEnd(committed: boolean, signal: AbortSignal | undefined): Promise<void> {
    const { transactionalId } = this.#settings;
    const answer = await this.#calls.ofTransaction(
      transactionalId,
      API.END_TXN,
      { ...this.#producer(), committed },
      {
        codeOf: ({ errorCode }) => errorCode,
        maxVersion: this.#isSecond ? NEWEST : FIRST_END,
        signal,
      },
    );
    if (this.#isSecond && answer.producerId >= 0) {
      this.#host.resetSequences();
      this.#identity.set(answer.producerId, answer.producerEpoch);
    } else {
      this.#host.resetMembership();
    }
  }

  async #addGroup(groupId: string, signal: AbortSignal | undefined): Promise<void> {
    const body = { ...this.#producer(), groupId };
    const { transactionalId } = this.#settings;
    await this.#calls.ofTransaction(transactionalId, API.ADD_OFFSETS_TO_TXN, body, {
      codeOf: ({ errorCode }) => errorCode,
      signal,
    });
  }

  async #commitOffsets(
    offsets: readonly TransactionOffset[],
    group: GroupMetadata,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const body = {
      ...this.#producer(),
      groupId: group.groupId,
      generationId: group.generationId ?? -1,
      memberId: group.memberId ?? '',
      groupInstanceId: group.groupInstanceId ?? null,
      topics: inTopics(offsets, ({ partition, offset, leaderEpoch, metadata }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: leaderEpoch ?? -1,
        committedMetadata: metadata ?? '',
      })),
    };
    await this.#calls.ofGroup(group.groupId, API.TXN_OFFSET_COMMIT, body, {
      codeOf: ({ topics: answered }) => {
        const results = answered.flatMap(({ partitions }) => partitions);
        return results.find(({ errorCode }) => errorCode !== ERROR.NONE)?.errorCode ?? ERROR.NONE;
      },
      maxVersion: this.#isSecond ? NEWEST : FIRST_OFFSETS,
      signal,
    });
  }

  /** In the first protocol the coordinator hears of partitions before they are written to. */
  #join(): void {
    if (this.#isJoining) return;
    this.#isJoining = true;
    inBackground(this.#joinAll(), (thrown) => {
      this.#isJoining = false;
      this.#noted(toKafkaError(thrown));
    });
  }

  async #joinAll(): Promise<void> {
    const { transactionalId } = this.#settings;
    // Those of one turn of the event loop go in one request.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#joining.size > 0) {
      const queues = [...this.#joining];
      this.#joining.clear();
      const { producerId, producerEpoch } = this.#producer();
      const body = {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: inTopics(queues, ({ partition }) => partition),
      };
      this.#hasBegun = true;
      await this.#calls.ofTransaction(transactionalId, API.ADD_PARTITIONS_TO_TXN, body, {
        codeOf: ({ resultsByTopicV3AndBelow: answered }) => {
          const results = answered.flatMap(({ resultsByPartition }) => resultsByPartition);
          // Where one is refused, the rest is "not attempted": the refusal says why.
          const failed = results.filter(({ partitionErrorCode: code }) => code !== ERROR.NONE);
          const reason = failed.find(
            ({ partitionErrorCode: code }) => code !== ERROR.OPERATION_NOT_ATTEMPTED,
          );
          return (reason ?? failed[0])?.partitionErrorCode ?? ERROR.NONE;
        },
        maxVersion: FIRST_PARTITIONS,
      });
      for (const queue of queues) queue.isInTransaction = true;
      this.#host.wake();
    }
    this.#isJoining = false;
  }

  #producer() {
    const { transactionalId } = this.#settings;
    const { id: producerId, epoch: producerEpoch } = this.#identity;
    return { transactionalId, producerId, producerEpoch };
  }

  #noted(error: KafkaError): KafkaError {
    if (error.code === 'ABORTED') return error;
    if (FENCED.includes(error.code)) this.#failForGood(error);
    else if (this.#state !== 'fatal') this.#mustAbort(error);
    return this.#error ?? error;
  }

  /** What has not left fails at once: nobody could commit it. */
  #mustAbort(error: KafkaError): void {
    this.#state = 'abortable';
    const text = `the transaction must be aborted: ${error.message}`;
    const { code, topic, partition } = error;
    const category = 'abortable';
    this.#error ??= new KafkaError(code, text, { topic, partition, cause: error, category });
    this.#host.failUnsent(this.#error);
  }

  #failForGood(error: KafkaError): void {
    this.#state = 'fatal';
    this.#error = error;
    this.#host.failUnsent(error);
  }

  #requireState(state: State, what: string): void {
    if (this.#state === state) return;
    if (this.#state === 'fatal') throw this.#error!;
    const text = `cannot ${what} a transaction while it is ${this.#state}`;
    throw new KafkaError('INVALID_TXN_STATE', text, { category: 'invalid-configuration' });
  }
}
