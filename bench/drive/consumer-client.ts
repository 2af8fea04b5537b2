/** Members of the groups of a turn, as many as this process has of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer } from 'millrace/client';
import { sharedNowMs } from './clock.ts';
import type { ClientSetup, FromClient } from './drive-messages.ts';
import { LatencyWindow } from './latency-window.ts';

type Bytes = Uint8Array | null;

interface Slot {
  readonly group: number;
  readonly member: number;
  consumer: Consumer<Bytes, Bytes> | undefined;
  wasAssigned: boolean;
  partitions: number;
}

export class ConsumerClient {
  readonly #setup: ClientSetup;
  readonly #window = new LatencyWindow();
  readonly #slots: readonly Slot[];
  readonly #fail: (error: unknown) => void;
  readonly #tell: (message: FromClient) => void;
  records = 0;

  constructor(
    setup: ClientSetup,
    tell: (message: FromClient) => void,
    fail: (error: unknown) => void,
  ) {
    this.#setup = setup;
    this.#tell = tell;
    this.#fail = fail;
    const { groups, members, consumerProcesses } = setup.spec;
    const most = Math.max(...members);
    this.#slots = Array.from({ length: groups * most }, (_, i) => i)
      .filter((i) => i % consumerProcesses === setup.process)
      .map((i) => ({
        group: Math.floor(i / most),
        member: i % most,
        consumer: undefined,
        wasAssigned: false,
        partitions: 0,
      }));
  }

  begin(): void {
    this.#setMembers(this.#setup.spec.members[0]!);
    this.#tellAssigned();
  }

  /** A group that grows and shrinks does so at equal parts of the measured time. */
  async run(openMs: number, closeMs: number): Promise<void> {
    this.#window.open(openMs, closeMs);
    const { members } = this.#setup.spec;
    for (const [part, count] of members.entries()) {
      const atMs = openMs + (part * (closeMs - openMs)) / members.length;
      await sleep(Math.max(0, atMs - sharedNowMs()));
      this.#setMembers(count);
    }
  }

  result(): FromClient {
    return { kind: 'done', ...this.#window.result(), records: this.records, markers: 0 };
  }

  end(): void {
    this.#setMembers(0);
  }

  #setMembers(count: number): void {
    for (const slot of this.#slots) {
      if (slot.member < count && slot.consumer === undefined) this.#open(slot);
      if (slot.member < count || slot.consumer === undefined) continue;
      slot.consumer.close().catch(this.#fail);
      slot.consumer = undefined;
    }
  }

  #open(slot: Slot): void {
    const { bootstrap, topic } = this.#setup;
    const consumer = new Consumer<Bytes, Bytes>({
      bootstrapServers: bootstrap,
      groupId: `${topic}-group-${slot.group}`,
      autoOffsetReset: 'earliest',
      topics: [topic],
      listener: {
        onAssigned: (partitions) => this.#changed(slot, partitions.length),
        onRevoked: (partitions) => this.#changed(slot, -partitions.length),
      },
    });
    slot.consumer = consumer;
    this.#receive(consumer).catch(this.#fail);
  }

  #changed(slot: Slot, partitions: number): void {
    slot.partitions += partitions;
    if (partitions >= 0) slot.wasAssigned = true;
    this.#tellAssigned();
  }

  #tellAssigned(): void {
    const members = this.#slots.filter(({ wasAssigned }) => wasAssigned).length;
    const partitions = this.#slots.reduce((sum, slot) => sum + slot.partitions, 0);
    this.#tell({ kind: 'assigned', members, partitions });
  }

  async #receive(consumer: Consumer<Bytes, Bytes>): Promise<void> {
    const { ends } = this.#setup;
    const isTimed = ends.length === 0;
    for await (const batch of consumer.batches()) {
      const nowMs = sharedNowMs();
      let runMs = Number.NaN;
      let run = 0;
      for (let i = 0; i < batch.length; i++) {
        const value = batch.valueBytes(i)!;
        if (!isTimed) continue;
        const meantMs = Buffer.prototype.readDoubleLE.call(value, 0);
        if (meantMs !== runMs) {
          if (run > 0) this.#window.time(runMs, nowMs, run);
          runMs = meantMs;
          run = 0;
        }
        run++;
      }
      if (run > 0) this.#window.time(runMs, nowMs, run);
      this.#window.count(batch.length, nowMs);
      this.records += batch.length;
      if (isTimed || batch.nextOffset < ends[batch.partition]!) continue;
      consumer.seek({ topic: batch.topic, partition: batch.partition }, 0);
    }
  }
}
