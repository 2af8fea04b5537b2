import { backgroundDisk, removeInBackground } from '../../base/background-disk.ts';
import { inBackground } from '../../base/in-background.ts';
import { logFailure } from '../../base/log-failure.ts';
import type { Logger } from '../../base/logger.ts';
import { NO_GUARD } from '../../base/no-guard.ts';
import type { RecordRejection } from '../../base/record-rejection.ts';
import type { ControlAnswer, ControlCommand, PartitionEvent } from '../../exchange/control.ts';
import { FrontAdapter, type ReplyHandler } from '../../exchange/front-adapter.ts';
import type { Inbox } from '../../exchange/inbox.ts';
import { NO_TICKET, PARTITION_DOUBLES, PARTITION_WORDS } from '../../exchange/messages.ts';
import type { ProposedInSync } from '../../exchange/replica-messages.ts';
import type { WantedMarker } from '../../exchange/transaction-messages.ts';
import type { CoordinateCall, MarkerFields, WorkerProxy } from '../../exchange/worker-proxy.ts';
import type { Parking } from '../../ring/parking.ts';
import type { Partitions } from './partitions.ts';
import { Tickets } from './tickets.ts';

/** Whoever waits for appends to end. The index is the one given to `append`. */
export interface AppendWaiter {
  /** Called before `onAppended` with an error that single records are the reason for. */
  onRecordsRefused(index: number, rejection: RecordRejection): void;
  onAppended(
    index: number,
    error: number,
    baseOffset: number,
    appendTimeMs: number,
    logStartOffset: number,
  ): void;
}

/** Whoever waits for a coordinator. The body is the waiter's to keep; empty for a bad request. */
export interface CoordinationWaiter {
  onCoordinated(body: Buffer): void;
}

/** What the transaction coordinators in the workers ask of the front. */
export interface TransactionRequests {
  onMarkersWanted(worker: number, markers: readonly WantedMarker[]): void;
  onProducerIdsWanted(worker: number): void;
}

/** Leaders ask for other replicas in sync. */
export interface InSyncProposals {
  onProposed(slot: number, proposal: ProposedInSync): void;
}

/** Logs are copied to other log directories. */
export interface CopyEvents {
  onCopyCaughtUp(slot: number, directory: string): void;
  onCopyFailed(slot: number, reason: string, isOfDisk: boolean): void;
}

export interface WorkerLink {
  readonly proxy: WorkerProxy;
  readonly inbox: Inbox;
}

/** Replies handled before the event loop gets its turn. */
const DRAIN_LIMIT = 4096;

/**
 * The front's end of all rings. It sends commands, and when the bell rings it hands each reply to
 * whoever waits for it. A control command that finds its ring full waits here. Appends are refused,
 * so that their sockets wait.
 */
export class Workers implements ReplyHandler {
  readonly #links: readonly WorkerLink[];
  readonly #adapters: FrontAdapter[];
  readonly #parking: Parking;
  readonly #partitions: Partitions;
  readonly #logger: Logger;
  readonly #afterDrain: () => void;
  readonly #onBroken: (thrown: unknown) => void;
  readonly #appends = new Tickets<AppendWaiter>();
  readonly #controls = new Tickets<{ take(answer: ControlAnswer): void }>();
  readonly #coordinations = new Tickets<CoordinationWaiter>();
  /** Set before the first drain. */
  transactions: TransactionRequests | null = null;
  /** Null where no other broker has replicas. Set before the first drain. */
  inSyncProposals: InSyncProposals | null = null;
  /** Null where partitions have one directory to lie in. Set before the first drain. */
  copies: CopyEvents | null = null;
  /** Syncs that workers asked for since the start. */
  syncCount = 0;
  #wakeIsDue = false;
  /** Commands that found their ring full, oldest first. */
  #postponed: (() => boolean)[] = [];

  constructor(
    links: readonly WorkerLink[],
    parking: Parking,
    partitions: Partitions,
    logger: Logger,
    afterDrain: () => void,
    /** A drain threw: replies behind it are lost, so the front cannot go on. */
    onBroken: (thrown: unknown) => void,
  ) {
    this.#links = links;
    this.#parking = parking;
    this.#partitions = partitions;
    this.#logger = logger;
    this.#afterDrain = afterDrain;
    this.#onBroken = onBroken;
    this.#adapters = links.map((link, index) => new FrontAdapter(link.inbox, index, this));
    parking.announce();
  }

  get workerCount(): number {
    return this.#links.length;
  }

  takeAppendTicket(waiter: AppendWaiter): number {
    return this.#appends.take(waiter);
  }

  giveBackAppendTicket(ticket: number): void {
    this.#appends.giveBack(ticket);
  }

  /** Commands wait for a ring. New requests that can wait must do so. */
  get isBackedUp(): boolean {
    return this.#postponed.length > 0;
  }

  /**
   * The records are copied, into the ring or, when it is full, into memory of their own: at most
   * one request gets that far, since none is dispatched while the rings are backed up.
   */
  append(
    worker: number,
    slot: number,
    ticket: number,
    index: number,
    acks: number,
    version: number,
    records: Buffer,
    guard = NO_GUARD,
  ): void {
    const { proxy } = this.#links[worker]!;
    if (this.#postponed.length === 0) {
      if (proxy.append(slot, ticket, index, acks, version, records, guard)) {
        this.#wakeLater();
        return;
      }
    }
    const copy = Buffer.from(records);
    this.#postponed.push(() => {
      return proxy.append(slot, ticket, index, acks, version, copy, guard);
    });
  }

  /** The outcome comes as that of an append with acks=all. */
  appendMarker(
    worker: number,
    slot: number,
    ticket: number,
    index: number,
    marker: MarkerFields,
  ): void {
    this.#send(() => this.#links[worker]!.proxy.appendMarker(slot, ticket, index, marker));
  }

  /** `onAnswer` runs at once, before any later message of the worker is looked at. */
  control<Command extends ControlCommand>(
    worker: number,
    command: Command,
    onAnswer?: (answer: ControlAnswer<Command['kind']>) => void,
  ): Promise<ControlAnswer<Command['kind']>> {
    return new Promise((resolve) => {
      const take = (received: ControlAnswer): void => {
        const answer = received as ControlAnswer<Command['kind']>;
        onAnswer?.(answer);
        resolve(answer);
      };
      const ticket = this.#controls.take({ take });
      this.#send(() => this.#links[worker]!.proxy.control(ticket, command));
    });
  }

  /** A command whose answer nobody waits for. One that is refused is one log line. */
  tell(worker: number, command: ControlCommand, onAnswer?: (answer: ControlAnswer) => void): void {
    const told = this.control(worker, command, (answer) => {
      onAnswer?.(answer);
      if (answer.error === 0) return;
      this.#logger.warn(`worker ${worker} refused ${command.kind}: ${answer.reason}`);
    });
    inBackground(told, logFailure(this.#logger, command.kind));
  }

  /** The body is copied. The ticket names the call until it is answered: see dropCoordination. */
  coordinate(worker: number, call: CoordinateCall, waiter: CoordinationWaiter): number {
    const ticket = this.#coordinations.take(waiter);
    const { proxy } = this.#links[worker]!;
    if (this.#postponed.length > 0 || !proxy.coordinate(ticket, call)) {
      const copy = { ...call, body: Buffer.from(call.body) };
      this.#postponed.push(() => proxy.coordinate(ticket, copy));
    }
    this.#wakeLater();
    return ticket;
  }

  /** Nobody waits any more. The ticket is free once the worker will not name it again. */
  dropCoordination(worker: number, slot: number, ticket: number, waiter: CoordinationWaiter): void {
    this.tell(worker, { kind: 'drop-coordination', slot, ticket }, () => {
      if (this.#coordinations.peek(ticket) === waiter) this.#coordinations.giveBack(ticket);
    });
  }

  #send(command: () => boolean): void {
    if (this.#postponed.length > 0 || !command()) this.#postponed.push(command);
    this.#wakeLater();
  }

  /**
   * Wakes the workers once the sockets that are ready now have been read: one wake for many
   * requests.
   */
  #wakeLater(): void {
    if (this.#wakeIsDue) return;
    this.#wakeIsDue = true;
    setImmediate(() => {
      this.#wakeIsDue = false;
      for (let i = 0; i < this.#links.length; i++) this.#links[i]!.proxy.wake();
    });
  }

  #sendPostponed(): void {
    while (this.#postponed.length > 0 && this.#postponed[0]!()) this.#postponed.shift();
    this.#wakeLater();
  }

  /** Handles what the workers sent, after the bell rang or on a pass of the event loop. */
  drain(): void {
    try {
      this.#drain();
    } catch (thrown) {
      this.#onBroken(thrown);
    }
  }

  #drain(): void {
    let count = 0;
    for (let turn = 0; turn < 8; turn++) {
      count = 0;
      for (let i = 0; i < this.#adapters.length; i++) {
        count += this.#adapters[i]!.drain(DRAIN_LIMIT);
      }
      this.#partitions.notifyWatchers();
      if (this.#postponed.length > 0) this.#sendPostponed();
      this.#afterDrain();
      if (count > 0) continue;
      this.#parking.announce();
      if (this.#adapters.every((adapter) => adapter.isEmpty())) return;
      this.#parking.cancel();
    }
    setImmediate(() => this.drain());
  }

  onPartition(words: Int32Array, doubles: Float64Array, at: number): void {
    this.#partitions.applyState(words, doubles, at);
    const word = at >> 2;
    const ticket = words[word + PARTITION_WORDS.TICKET]!;
    if (ticket === NO_TICKET) return;
    const double = at >> 3;
    this.#appends
      .get(ticket)
      .onAppended(
        words[word + PARTITION_WORDS.INDEX]!,
        words[word + PARTITION_WORDS.ERROR]!,
        doubles[double + PARTITION_DOUBLES.BASE_OFFSET]!,
        doubles[double + PARTITION_DOUBLES.APPEND_TIME]!,
        doubles[double + PARTITION_DOUBLES.LOG_START]!,
      );
  }

  onControl(ticket: number, answer: ControlAnswer): void {
    const waiter = this.#controls.get(ticket);
    this.#controls.giveBack(ticket);
    waiter.take(answer);
  }

  onCoordinated(ticket: number, body: Buffer): void {
    const waiter = this.#coordinations.get(ticket);
    this.#coordinations.giveBack(ticket);
    waiter.onCoordinated(body);
  }

  onEvent(worker: number, event: PartitionEvent): void {
    switch (event.kind) {
      case 'remove-path':
        removeInBackground(event.path, this.#logger);
        break;
      case 'records-refused':
        this.#appends.get(event.ticket).onRecordsRefused(event.index, event.rejection);
        break;
      case 'write-markers':
        this.transactions?.onMarkersWanted(worker, event.markers);
        break;
      case 'producer-ids-wanted':
        this.transactions?.onProducerIdsWanted(worker);
        break;
      case 'in-sync-proposed':
        this.inSyncProposals?.onProposed(event.slot, event.proposal);
        break;
      case 'copy-caught-up':
        this.copies?.onCopyCaughtUp(event.slot, event.directory);
        break;
      case 'copy-failed':
        this.copies?.onCopyFailed(event.slot, event.reason, event.isOfDisk);
        break;
      default:
        this.#partitions.applyEvent(event);
    }
  }

  /** Runs on the pool of libuv; the worker is told when all of it is through. */
  onSync(
    worker: number,
    slot: number,
    descriptors: readonly number[],
    directories: readonly string[],
  ): void {
    this.syncCount++;
    const syncs = descriptors.map((descriptor) => backgroundDisk.sync(descriptor));
    for (const directory of directories) syncs.push(backgroundDisk.syncDirectory(directory));
    const told = Promise.all(syncs).then((errnos) => {
      const errno = errnos.find((each) => each !== 0) ?? 0;
      this.#send(() => this.#links[worker]!.proxy.synced(slot, errno));
    });
    // A worker that is not told of its sync waits for it for ever.
    inBackground(told, this.#onBroken);
  }
}
