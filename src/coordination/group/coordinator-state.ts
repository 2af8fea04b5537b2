import type { Answer, CoordinatorRecord, Effects, ProducerStamp } from '../effects.ts';
import type { MarkerWrite } from '../end-marker.ts';
import type { ClassicGroup } from './classic/classic-group.ts';
import type { ConsumerGroup } from './consumer/consumer-group.ts';
import type { Deadline } from './deadlines.ts';
import { Deadlines } from './deadlines.ts';
import type { GroupSettings } from './group-settings.ts';
import { OffsetStore } from './offsets/offset-store.ts';
import type { Parked } from './parked.ts';
import type { StreamsGroup } from './streams/streams-group.ts';
import type { TopicView } from './topic-view.ts';

/** No step of a group coordinator writes into other partitions. */
const NO_MARKERS: readonly MarkerWrite[] = [];

export type Group = ClassicGroup | ConsumerGroup | StreamsGroup;

export interface CoordinatorParts {
  topics: TopicView;
  settings: GroupSettings;
  /** Makes a random id for a member, e.g. a UUID. */
  newId: () => string;
}

/**
 * The state that all handlers of a shard share: groups, offsets, deadlines, the time of the current
 * step and the effects that it has asked for so far.
 */
export class CoordinatorState {
  readonly groups = new Map<string, Group>();
  readonly offsets = new OffsetStore();
  readonly deadlines = new Deadlines();
  readonly topics: TopicView;
  readonly settings: GroupSettings;
  readonly newId: () => string;
  /** The deadlines of member ids that were given out and not used yet, oldest first. */
  readonly pendingJoins = new Set<Deadline>();
  nowMs = 0;
  wallMs = 0;
  #records: CoordinatorRecord[] = [];
  #responses: Answer[] = [];
  #producer: ProducerStamp | null = null;
  readonly #parked = new Map<number, Parked>();

  constructor(parts: CoordinatorParts) {
    this.topics = parts.topics;
    this.settings = parts.settings;
    this.newId = parts.newId;
  }

  begin(nowMs: number, wallMs: number): void {
    this.nowMs = nowMs;
    this.wallMs = wallMs;
  }

  /** Hands over what the step has gathered and starts afresh. */
  take(): Effects {
    const effects = {
      records: this.#records,
      responses: this.#responses,
      producer: this.#producer,
      markers: NO_MARKERS,
    };
    this.#records = [];
    this.#responses = [];
    this.#producer = null;
    return effects;
  }

  persist(record: CoordinatorRecord): void {
    this.#records.push(record);
  }

  stampProducer(producer: ProducerStamp): void {
    this.#producer = producer;
  }

  answer(ticket: number, body: object): void {
    this.#responses.push({ ticket, body });
  }

  park(ticket: number, version: number): Parked {
    const parked = { ticket, version };
    this.#parked.set(ticket, parked);
    return parked;
  }

  /** Answers a parked request, unless its client is gone. */
  release(parked: Parked, body: object): void {
    if (parked.ticket === -1) return;
    this.#parked.delete(parked.ticket);
    this.#responses.push({ ticket: parked.ticket, body });
    parked.ticket = -1;
  }

  /** The client of a parked request is gone. Its member stays until a timeout says otherwise. */
  drop(ticket: number): void {
    const parked = this.#parked.get(ticket);
    if (parked === undefined) return;
    this.#parked.delete(ticket);
    parked.ticket = -1;
  }

  get parkedCount(): number {
    return this.#parked.size;
  }

  /**
   * A deadline lies at least one millisecond ahead. A client's timeout of zero would otherwise keep
   * `tick` from ending.
   */
  schedule(deadline: Deadline, delayMs: number): void {
    this.deadlines.set(deadline, this.nowMs + Math.max(delayMs, 1));
  }

  cancel(deadline: Deadline | null): void {
    if (deadline !== null) this.deadlines.cancel(deadline);
  }
}
