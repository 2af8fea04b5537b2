/** One turn: a topic, the processes of its clients, and whether the topic holds what it was told. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerProcess } from '../brokers/broker-process.ts';
import { createTopic, deleteTopic, endOffsetOf } from '../load/admin.ts';
import { ControlClient } from '../load/control-client.ts';
import { ClientProcess } from './client-process.ts';
import { sharedNowMs } from './clock.ts';
import type { ClientResult, ClientSetup } from './drive-messages.ts';
import type { DriveResult } from './drive-result.ts';
import type { DriveSpec } from './drive-spec.ts';
import { TurnMeter } from './turn-meter.ts';

const SETUP_LIMIT_MS = 60_000;
/** For consumers to read what is left when the producers have ended. */
const CATCH_UP_LIMIT_MS = 60_000;
/** With acks=0 the last records may still be under way. */
const HOLDS_LIMIT_MS = 2_000;
const LOOK_EVERY_MS = 20;
/** Between the order to run and the begin of the warm-up. */
const LEAD_MS = 20;

export interface DriveTiming {
  readonly warmupMs: number;
  readonly measureMs: number;
  /** Where CPU profiles of the clients go; empty: none are made. */
  readonly profileFolder: string;
}

let turns = 0;

export async function driveTurn(
  spec: DriveSpec,
  broker: BrokerProcess,
  timing: DriveTiming,
): Promise<DriveResult> {
  const control = await ControlClient.connect(broker.host, broker.port);
  const topic = `drive-${process.pid}-${turns++}`;
  const { partitions, topicConfig } = spec;
  const turn = new DriveTurn(spec, broker, topic, timing);
  try {
    await createTopic(control, { name: topic, partitions, configs: topicConfig });
    const result = await Promise.race([broker.failed, turn.run()]);
    await untilHolds(control, topic, partitions, result.held);
    return result;
  } catch (error) {
    throw await broker.explain(error);
  } finally {
    await turn.stop();
    if (broker.isRunning) await deleteTopic(control, topic);
    control.close();
  }
}

async function untilHolds(
  control: ControlClient,
  topic: string,
  partitions: number,
  held: number,
): Promise<void> {
  const deadlineMs = performance.now() + HOLDS_LIMIT_MS;
  for (;;) {
    let holds = 0;
    for (let i = 0; i < partitions; i++) holds += await endOffsetOf(control, topic, i);
    if (holds === held) return;
    if (performance.now() > deadlineMs || holds > held) {
      throw new Error(`the topic holds ${holds} records, acknowledged: ${held}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

class DriveTurn {
  readonly #spec: DriveSpec;
  readonly #broker: BrokerProcess;
  readonly #topic: string;
  readonly #timing: DriveTiming;
  readonly #clients: ClientProcess[] = [];

  constructor(spec: DriveSpec, broker: BrokerProcess, topic: string, timing: DriveTiming) {
    this.#spec = spec;
    this.#broker = broker;
    this.#topic = topic;
    this.#timing = timing;
  }

  async run(): Promise<DriveResult> {
    const { mode } = this.#spec;
    const producer = this.#start('producer', 0, []);
    const consumers = mode === 'e2e' ? this.#startConsumers([]) : [];
    const ends = await this.#orFailed(producer.ready, SETUP_LIMIT_MS, 'the first record');
    if (mode !== 'consume') {
      await this.#untilAssigned(consumers);
      return this.#measure([producer, ...consumers], consumers);
    }
    const filled = this.#ask(producer);
    const { records, markers } = await filled;
    await producer.stop();
    const readers = this.#startConsumers(ends);
    await this.#untilAssigned(readers);
    const result = await this.#measure(readers, readers);
    return { ...result, held: records + markers };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.stop()));
  }

  #start(role: ClientSetup['role'], number: number, ends: readonly number[]): ClientProcess {
    const at = { bootstrap: this.#broker.address, topic: this.#topic };
    const setup = { role, spec: this.#spec, ...at, process: number, ends };
    const client = new ClientProcess(setup, this.#timing.profileFolder, this.#broker.clientPackage);
    this.#clients.push(client);
    return client;
  }

  #startConsumers(ends: readonly number[]): ClientProcess[] {
    const { consumerProcesses } = this.#spec;
    return Array.from({ length: consumerProcesses }, (_, i) => this.#start('consumer', i, ends));
  }

  #ask(client: ClientProcess): Promise<ClientResult> {
    client.tell({ kind: 'stop' });
    return this.#orFailed(client.done, SETUP_LIMIT_MS, 'the figures of a client');
  }

  /** Each partition of each group has its member, and no member is still to come. */
  async #untilAssigned(consumers: readonly ClientProcess[]): Promise<void> {
    if (consumers.length === 0) return;
    const { partitions, groups, members } = this.#spec;
    const wantedMembers = groups * Math.min(members[0]!, partitions);
    const isAssigned = (): boolean =>
      sumOf(consumers, ({ assignedPartitions }) => assignedPartitions) === partitions * groups &&
      sumOf(consumers, ({ assignedMembers }) => assignedMembers) >= wantedMembers;
    await this.#orFailed(until(isAssigned), SETUP_LIMIT_MS, 'the members of the groups');
  }

  async #measure(
    clients: readonly ClientProcess[],
    consumers: readonly ClientProcess[],
  ): Promise<DriveResult> {
    const { warmupMs, measureMs } = this.#timing;
    const openMs = sharedNowMs() + LEAD_MS + warmupMs;
    const closeMs = openMs + measureMs;
    const meter = new TurnMeter(this.#broker.pid, clients);
    for (const client of clients) client.tell({ kind: 'run', openMs, closeMs });
    const producers = clients.filter(({ role }) => role === 'producer');
    const [, sent] = await this.#orFailed(
      Promise.all([meter.run(openMs, closeMs), Promise.all(producers.map(({ done }) => done))]),
      warmupMs + measureMs + CATCH_UP_LIMIT_MS,
      'the end of the load',
    );
    const records = sumOf(sent, (result) => result.records);
    const markers = sumOf(sent, (result) => result.markers);
    if (producers.length > 0 && consumers.length > 0) await this.#untilRead(consumers, records);
    const read = await Promise.all(consumers.map((consumer) => this.#ask(consumer)));
    const counted = consumers.length > 0 ? read : sent;
    return { ...meter.result(counted, sent), held: records + markers };
  }

  /** What was acknowledged reaches each group. */
  async #untilRead(consumers: readonly ClientProcess[], records: number): Promise<void> {
    const wanted = records * this.#spec.groups;
    const received = (): number => sumOf(consumers, (consumer) => consumer.received);
    const isRead = until(() => received() >= wanted);
    try {
      await this.#orFailed(isRead, CATCH_UP_LIMIT_MS, 'the last records');
    } catch (error) {
      const what = `of ${wanted} records the consumers got ${received()}`;
      throw new Error(`${what}: ${(error as Error).message}`);
    }
  }

  async #orFailed<T>(awaited: Promise<T>, limitMs: number, what: string): Promise<T> {
    const stop = new AbortController();
    const late = sleep(limitMs, undefined, { signal: stop.signal }).then(() => {
      throw new Error(`${what} did not come within ${Math.round(limitMs / 1000)} s`);
    });
    late.catch(() => {});
    try {
      return await Promise.race([awaited, late, ...this.#clients.map(({ failed }) => failed)]);
    } finally {
      stop.abort();
    }
  }
}

function sumOf<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0);
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(LOOK_EVERY_MS);
}
