import { inBackground } from '../../../base/in-background.ts';
import type { ClientSettings } from '../../config/client-options.ts';
import { isKafkaError, type KafkaError, toKafkaError } from '../../errors/kafka-error.ts';
import { BackOff } from '../../net/back-off.ts';
import { pause } from '../../net/pause.ts';
import { News } from '../news.ts';

/** What a member does in its loop. */
export interface HeartbeatMember {
  /** Sends a heartbeat and does what the answer says. */
  beat(): Promise<void>;
  /** For how long to rest after it. */
  restMs(): number;
  /** A heartbeat failed: the broker may not have what it said. */
  onFailed(): void;
  /** The group does not know this member any more, or refuses it. */
  onLost(): void | Promise<void>;
  /** The membership is over. */
  onError(error: KafkaError): void;
}

/** The heartbeats of a member of a group in which the broker shares the partitions out. */
export class HeartbeatLoop {
  readonly #member: HeartbeatMember;
  readonly #backOff: BackOff;
  readonly #closing = new AbortController();
  readonly #news = new News();
  #isDue = false;

  constructor({ retryBackoffMs, retryBackoffMaxMs }: ClientSettings, member: HeartbeatMember) {
    this.#member = member;
    this.#backOff = new BackOff(retryBackoffMs, retryBackoffMaxMs);
  }

  get isOver(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Goes on in the background, until the end or an error that does not pass. */
  start(): void {
    inBackground(this.#run(), (thrown) => this.#member.onError(toKafkaError(thrown)));
  }

  /** The next heartbeat comes at once. */
  hurry(): void {
    this.#isDue = true;
    this.#news.tell();
  }

  end(): void {
    this.#closing.abort();
    this.#news.tell();
  }

  async #run(): Promise<void> {
    while (!this.isOver) {
      try {
        await this.#member.beat();
        this.#backOff.reset();
        await this.#rest();
      } catch (thrown) {
        if (this.isOver) return;
        this.#member.onFailed();
        await this.#survive(toKafkaError(thrown));
      }
    }
  }

  async #rest(): Promise<void> {
    if (!this.#isDue) {
      const ending = new AbortController();
      await Promise.race([pause(this.#member.restMs(), ending.signal), this.#news.next()]);
      ending.abort();
    }
    this.#isDue = false;
  }

  /** A member that was put out joins anew. Throws what does not pass. */
  async #survive(error: KafkaError): Promise<void> {
    const isFenced = isKafkaError(error, 'FENCED_MEMBER_EPOCH', 'UNKNOWN_MEMBER_ID');
    if (isFenced || !error.retriable) await this.#member.onLost();
    if (!isFenced && !error.retriable) throw error;
    await pause(this.#backOff.next(), this.#closing.signal);
  }
}
