/** The producers of a turn: they fill a topic, go flat out, or hold a rate. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Pacer } from '../load/pacer.ts';
import { sharedNowMs, toSharedMs } from './clock.ts';
import type { ClientSetup, FromClient } from './drive-messages.ts';
import { LatencyWindow } from './latency-window.ts';
import { Sender } from './sender.ts';

const FILL_BYTES = 150_000_000;

export class ProducerClient {
  readonly #setup: ClientSetup;
  readonly #window = new LatencyWindow();
  readonly #senders: readonly Sender[];

  constructor(setup: ClientSetup, fail: (error: unknown) => void) {
    this.#setup = setup;
    const { producers } = setup.spec;
    this.#senders = Array.from(
      { length: producers },
      (_, number) => new Sender(setup, number, this.#window, fail),
    );
  }

  /** The first records, and all that is read over and over. */
  async begin(): Promise<FromClient> {
    await Promise.all(this.#senders.map((sender) => sender.begin()));
    if (this.#setup.spec.mode === 'consume') await this.#fill();
    const ends: number[] = [];
    for (const sender of this.#senders) {
      for (const [i, end] of sender.ends.entries()) ends[i] = Math.max(ends[i] ?? 0, end ?? 0);
    }
    return { kind: 'ready', ends };
  }

  async #fill(): Promise<void> {
    const most = FILL_BYTES / this.#setup.spec.recordBytes / this.#senders.length;
    await Promise.all(this.#senders.map((sender) => sender.flatOut(() => sender.records >= most)));
  }

  async run(openMs: number, closeMs: number): Promise<FromClient> {
    this.#window.open(openMs, closeMs);
    const isOver = (): boolean => sharedNowMs() >= closeMs;
    if (this.#setup.spec.rate > 0) await this.#hold(isOver);
    else await Promise.all(this.#senders.map((sender) => sender.flatOut(isOver)));
    return this.result();
  }

  result(): FromClient {
    const sum = (of: (sender: Sender) => number): number =>
      this.#senders.reduce((total, sender) => total + of(sender), 0);
    const records = sum((sender) => sender.records);
    const markers = sum((sender) => sender.markers);
    return { kind: 'done', ...this.#window.result(), records, markers };
  }

  /** Record i of all leaves by producer i % producers, at its moment of the schedule. */
  async #hold(isOver: () => boolean): Promise<void> {
    const { rate, transactionMs } = this.#setup.spec;
    const senders = this.#senders;
    const pacer = new Pacer(rate);
    for (const [k, sender] of senders.entries()) {
      sender.meantMsOf = (i) => toSharedMs(pacer.intendedMs(i * senders.length + k));
    }
    pacer.start(
      (due) => {
        for (const [k, sender] of senders.entries()) {
          sender.release(Math.max(0, Math.ceil((due - k) / senders.length)));
        }
      },
      (lateMs) => this.#window.ticked(lateMs, sharedNowMs()),
    );
    const ended = sleep(Math.max(0, this.#window.closeMs - sharedNowMs())).then(() => pacer.stop());
    const wait = (ms: number): Promise<void> => sleep(ms);
    if (transactionMs > 0) {
      await Promise.all(senders.map((sender) => sender.transactions(isOver, wait)));
    }
    await ended;
    if (transactionMs === 0) await Promise.all(senders.map((sender) => sender.finish()));
  }
}
