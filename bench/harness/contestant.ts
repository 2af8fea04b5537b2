/** A broker that takes part: how to start it on a fresh or a used folder, and the one that runs. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrokerProcess } from '../brokers/broker-process.ts';
import type { RivalName, Scenario } from '../scenario.ts';

export type StartBroker = (
  folder: string,
  config: Readonly<Record<string, string>>,
) => Promise<BrokerProcess>;

/** `earlier` is an earlier build of millrace. */
export type ContestantName = 'millrace' | 'earlier' | RivalName;

/** Those that speak what millrace speaks. */
const SAME_LOAD: readonly string[] = ['millrace', 'earlier', 'kafka', 'floor', 'node'];

export class Contestant {
  readonly name: ContestantName;
  readonly #folder: string;
  readonly #start: StartBroker;
  readonly #running = new Set<BrokerProcess>();
  #nextFolder = 0;
  #shared: BrokerProcess | undefined;
  #sharedFolder = '';

  constructor(name: ContestantName, folder: string, start: StartBroker) {
    this.name = name;
    this.#folder = folder;
    this.#start = start;
  }

  /** The load that this one gets in a scenario. */
  argsOf(scenario: Scenario): readonly string[] {
    if (SAME_LOAD.includes(this.name)) return scenario.args;
    return [...(scenario.rivalArgs ?? scenario.args), '--subprotocol', this.name];
  }

  freshFolder(): string {
    return join(this.#folder, `${this.name}-${this.#nextFolder++}`);
  }

  async start(
    folder: string,
    config: Readonly<Record<string, string>> = {},
  ): Promise<BrokerProcess> {
    const broker = await this.#start(folder, config);
    this.#running.add(broker);
    return broker;
  }

  /** The one process that all load scenarios share. */
  async shared(): Promise<BrokerProcess> {
    if (this.#shared === undefined) {
      this.#sharedFolder = this.freshFolder();
      this.#shared = await this.start(this.#sharedFolder);
    }
    return this.#shared;
  }

  /** A turn that fails because a broker has ended says so, with the end of that broker's log. */
  async explaining<T>(turn: Promise<T>): Promise<T> {
    const shared = this.#shared;
    if (shared === undefined) return turn;
    try {
      return await Promise.race([turn, shared.failed]);
    } catch (error) {
      throw await shared.explain(error);
    }
  }

  get isRunning(): boolean {
    return this.#shared !== undefined;
  }

  /** Where the shared process has its partitions. */
  dataFolder(): string {
    return join(this.#sharedFolder, 'data');
  }

  /** So that a scenario with processes of its own has the machine to itself. */
  async stopShared(): Promise<void> {
    const shared = this.#shared;
    this.#shared = undefined;
    await shared?.stop();
  }

  /** Stops the shared process and deletes what it has stored. */
  async discardShared(): Promise<void> {
    await this.stopShared();
    await this.discard(this.#sharedFolder);
  }

  /** At the end, or when the whole suite is interrupted. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map((broker) => broker.stop()));
  }

  async discard(folder: string): Promise<void> {
    if (folder === '') return;
    await rm(folder, { recursive: true, force: true });
  }
}
