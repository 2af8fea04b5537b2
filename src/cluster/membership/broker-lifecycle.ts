import { MillraceError, reasonOf } from '../../base/errors.ts';
import { ERROR, errorName } from '../../base/kafka-errors.ts';
import { type Logger, RateLimitedLog } from '../../base/logger.ts';
import { pause } from '../../client/net/pause.ts';
import { BROKER_REGISTRATION } from '../../protocol/schema/62-broker-registration.ts';
import {
  BROKER_HEARTBEAT,
  type BrokerHeartbeatResponse,
} from '../../protocol/schema/63-broker-heartbeat.ts';
import type { ActiveController } from '../quorum/active-controller.ts';
import { isElsewhere } from '../quorum/is-elsewhere.ts';
import { LostDirectories } from './lost-directories.ts';
import type { MemberState, MembershipSink } from './member-state.ts';
import { REGISTRATION_VERSION, type Registration, registrationBody } from './registration.ts';

export interface LifecycleOptions {
  readonly registration: Registration;
  readonly controller: Pick<ActiveController, 'ask'>;
  readonly heartbeatMs: number;
  readonly sessionMs: number;
  /** In this time the controllers must know of a log directory that is lost. */
  readonly dirFailureMs: number;
  readonly sink: MembershipSink;
  readonly logger: Logger;
}

/** From this metadata.version on heartbeats tell which directories get no new replicas. */
const CORDONED_SINCE = 30;
const NOT_REGISTERED = -1;
/** Between heartbeats while an answer is about to change something. */
const SOON_MS = 20;
const LEAVING_MS = 100;
/** Kafka's brokers give up their leave after so long. */
const LEAVE_MS_MAX = 300_000;
const LOG_INTERVAL_MS = 5000;
/** No later try can be better than the first. */
const REFUSED_FOR_GOOD: ReadonlySet<number> = new Set([
  ERROR.UNSUPPORTED_VERSION,
  ERROR.INCONSISTENT_CLUSTER_ID,
  ERROR.INVALID_REGISTRATION,
]);
/** The controllers know this broker no more, or not by this epoch. */
const FORGOTTEN: ReadonlySet<number> = new Set([
  ERROR.STALE_BROKER_EPOCH,
  ERROR.BROKER_ID_NOT_REGISTERED,
]);

/** Registers a broker with Kafka's controllers and keeps it registered by heartbeats (KIP-631). */
export class BrokerLifecycle {
  readonly #options: LifecycleOptions;
  readonly #log: RateLimitedLog;
  #epoch = NOT_REGISTERED;
  #offset = -1;
  #metadataVersion = 0;
  readonly #lost = new LostDirectories();
  #state: MemberState | null = null;
  #isCaughtUp = false;
  #wantsUnfence = false;
  #leavingSinceMs = Number.POSITIVE_INFINITY;
  #heardMs = 0;
  #waiting: AbortController | null = null;
  /** The next request is due at once. */
  #isDue = false;
  /** When the next request is due. */
  #dueMs = 0;

  constructor(options: LifecycleOptions) {
    this.#options = options;
    this.#log = new RateLimitedLog(options.logger, LOG_INTERVAL_MS);
  }

  /** The metadata are in force on this broker up to the offset. */
  published(offset: number, metadataVersion: number): void {
    this.#offset = offset;
    this.#metadataVersion = metadataVersion;
  }

  /** Logs are recovered, and the partitions follow the metadata. */
  unfence(): void {
    this.#wantsUnfence = true;
    this.#hurry();
  }

  /** Others are to lead what lies in a directory whose disk failed. */
  loseDirectory(id: string): void {
    this.#lost.add(id, performance.now() + this.#options.dirFailureMs);
    this.#hurry();
  }

  /** Asks the controllers to let others lead; a broker that leads nothing may stop at once. */
  leave(): void {
    this.#leavingSinceMs = performance.now();
    this.#heardMs = this.#leavingSinceMs;
    if (this.#state === 'unfenced') this.#hurry();
    else this.#tell('may-stop');
  }

  /** Resolves once the signal fires. Rejects where the controllers do not take this broker. */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#hurry();
    signal.addEventListener('abort', onAbort);
    this.#dueMs = performance.now();
    try {
      while (!signal.aborted && this.#state !== 'may-stop') {
        this.#isDue = false;
        this.#requireTold();
        const waitMs = await this.#step(signal);
        this.#dueMs = performance.now() + (this.#isDue ? 0 : waitMs);
        if (this.#isDue) continue;
        this.#waiting = new AbortController();
        await pause(waitMs, this.#waiting.signal);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** A broker that nobody knows the loss of would be asked to lead what it has not. */
  #requireTold(): void {
    const id = this.#lost.overdue(performance.now());
    if (id === null) return;
    const message = `no controller could be told that log directory ${id} is lost`;
    throw new MillraceError('MILLRACE_DATA_DIR', message);
  }

  #hurry(): void {
    this.#isDue = true;
    this.#dueMs = performance.now();
    this.#waiting?.abort();
  }

  /** One request. Returns after how long the next one is due. */
  async #step(signal: AbortSignal): Promise<number> {
    const { heartbeatMs } = this.#options;
    try {
      if (this.#epoch === NOT_REGISTERED) return await this.#register();
      return await this.#heartbeat();
    } catch (thrown) {
      if (thrown instanceof MillraceError && thrown.code === 'MILLRACE_BAD_CONFIG') throw thrown;
      if (signal.aborted) return 0;
      this.#warn('silent', `the controllers cannot be told of this broker: ${reasonOf(thrown)}`);
      this.#giveUpLeaving();
      return Math.min(heartbeatMs, SOON_MS);
    }
  }

  async #register(): Promise<number> {
    const { registration, controller, heartbeatMs, sessionMs, logger } = this.#options;
    const question = {
      api: BROKER_REGISTRATION,
      version: REGISTRATION_VERSION,
      body: registrationBody(registration),
      isElsewhere,
    };
    const { errorCode, brokerEpoch } = await controller.ask(question, sessionMs / 2);
    const who = `broker ${registration.nodeId}`;
    if (errorCode === ERROR.NONE) {
      this.#epoch = brokerEpoch;
      this.#isCaughtUp = false;
      this.#heardMs = performance.now();
      logger.info(`${who} is registered with the controllers, with epoch ${brokerEpoch}`);
      this.#tell('registered');
      return 0;
    }
    if (REFUSED_FOR_GOOD.has(errorCode)) {
      const message = `the controllers do not take ${who}: ${errorName(errorCode)}`;
      throw new MillraceError('MILLRACE_BAD_CONFIG', message);
    }
    const isTaken = errorCode === ERROR.DUPLICATE_BROKER_REGISTRATION;
    const why = isTaken
      ? 'the session of its last run, or of another process with its id, has not ended'
      : errorName(errorCode);
    this.#warn('register', `${who} is not registered yet: ${why}; trying again`);
    return Math.min(heartbeatMs, isTaken ? 500 : heartbeatMs);
  }

  async #heartbeat(): Promise<number> {
    const { registration, controller, heartbeatMs, sessionMs, sink } = this.#options;
    const offlineLogDirs = this.#lost.ids;
    const knowsCordoned = this.#metadataVersion >= CORDONED_SINCE;
    const question = {
      api: BROKER_HEARTBEAT,
      version: knowsCordoned ? 2 : 1,
      body: {
        brokerId: registration.nodeId,
        brokerEpoch: this.#epoch,
        currentMetadataOffset: this.#offset,
        wantFence: !this.#wantsUnfence,
        wantShutDown: this.#isLeaving,
        offlineLogDirs,
        cordonedLogDirs: knowsCordoned && this.#isCaughtUp ? [] : null,
      },
      isElsewhere,
    };
    const sentMs = performance.now();
    const lateMs = Math.max(0, sentMs - this.#dueMs);
    const answer = await controller.ask(question, sessionMs / 2);
    sink.onHeartbeat(lateMs, performance.now() - sentMs);
    if (answer.errorCode === ERROR.NONE) {
      this.#lost.told(offlineLogDirs);
      return this.#take(answer);
    }
    const name = errorName(answer.errorCode);
    this.#warn('heartbeat', `the controllers answered a heartbeat with ${name}`);
    if (!FORGOTTEN.has(answer.errorCode)) return heartbeatMs;
    this.#epoch = NOT_REGISTERED;
    this.#tell('fenced');
    return 0;
  }

  get #isLeaving(): boolean {
    return this.#leavingSinceMs < Number.POSITIVE_INFINITY;
  }

  #take({ isCaughtUp, isFenced, shouldShutDown }: BrokerHeartbeatResponse): number {
    const { heartbeatMs } = this.#options;
    this.#heardMs = performance.now();
    if (this.#isLeaving) {
      if (shouldShutDown) this.#tell('may-stop');
      else this.#giveUpLeaving();
      return Math.min(heartbeatMs, LEAVING_MS);
    }
    if (!this.#isCaughtUp) {
      if (!isCaughtUp) return SOON_MS;
      this.#isCaughtUp = true;
      this.#tell('caught-up');
      return this.#wantsUnfence ? 0 : SOON_MS;
    }
    if (isFenced) {
      if (this.#state === 'unfenced') this.#tell('fenced');
      return this.#wantsUnfence ? SOON_MS : heartbeatMs;
    }
    if (this.#state !== 'unfenced') this.#tell('unfenced');
    return heartbeatMs;
  }

  /** Whom nobody answers for the length of a session is fenced, and leads nothing any more. */
  #giveUpLeaving(): void {
    if (!this.#isLeaving) return;
    const { sessionMs, logger } = this.#options;
    const nowMs = performance.now();
    const isSilent = nowMs - this.#heardMs > sessionMs;
    if (!isSilent && nowMs - this.#leavingSinceMs < LEAVE_MS_MAX) return;
    const why = isSilent ? 'no controller answers' : 'the controllers do not allow it';
    logger.warn(`this broker stops without their leave: ${why}`);
    this.#tell('may-stop');
  }

  #tell(state: MemberState): void {
    this.#state = state;
    this.#options.sink.onMember(state, this.#epoch);
  }

  #warn(kind: string, text: string): void {
    this.#log.warn(kind, text, performance.now());
  }
}
