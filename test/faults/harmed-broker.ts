import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { settled } from '../hostile/under-attack.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { WireClient } from '../support/wire-client.ts';
import { getAll, makeTopic, put } from './traffic.ts';

const VALUE_BYTES = 10_000;
const OFFLINE = 'millrace_partition_offline{topic="topic",partition="0"}';

export interface SegmentFile {
  readonly path: string;
  readonly base: number;
}

export function valueAt(index: number): Buffer {
  return Buffer.alloc(VALUE_BYTES, String(index % 10));
}

/** A broker with a topic of two partitions: a test harms the files of the first. */
export class HarmedBroker {
  readonly dataDir: string;
  broker!: BrokerProcess;
  client!: WireClient;

  static async create(): Promise<HarmedBroker> {
    return new HarmedBroker(await mkdtemp(join(tmpdir(), 'millrace-harmed-')));
  }

  private constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  async start(threads: number): Promise<void> {
    const config = { 'num.io.threads': threads };
    this.broker = await BrokerProcess.start({ dataDir: this.dataDir, config });
    this.client = await WireClient.open(this.broker.port);
  }

  async stop(): Promise<void> {
    this.client.close();
    expect(await this.broker.stop()).toBe(0);
  }

  async restart(threads: number): Promise<void> {
    await this.stop();
    await this.start(threads);
  }

  async discard(): Promise<void> {
    this.client.close();
    await this.broker.kill();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** So many records in each partition. */
  async fill(records: number, configs: Readonly<Record<string, string>>): Promise<void> {
    await makeTopic(this.client, 'topic', 2, configs);
    for (let i = 0; i < records; i++) {
      expect((await put(this.client, 'topic', 0, valueAt(i))).error).toBe(0);
      expect((await put(this.client, 'topic', 1, valueAt(i))).error).toBe(0);
    }
  }

  /** Its files, the oldest segment's first. */
  segments(ending = '.log'): SegmentFile[] {
    const directory = join(this.dataDir, 'topic-0');
    return readdirSync(directory)
      .filter((name) => name.endsWith(ending))
      .sort()
      .map((name) => ({ path: join(directory, name), base: Number.parseInt(name, 10) }));
  }

  /** It takes no appends and says why; the other partition, with so many records, does not notice. */
  async offlineReason(records: number): Promise<string> {
    const { broker, client } = this;
    await settled(async () => (await put(client, 'topic', 0, valueAt(0))).error !== 0);
    expect((await put(client, 'topic', 0, valueAt(0))).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    await settled(async () => (await broker.metric(OFFLINE)) === 1);
    const readiness = await broker.http('/readyz');
    expect(readiness.status).toBe(503);
    expect((await put(client, 'topic', 1, valueAt(records))).error).toBe(0);
    const others = await getAll(client, 'topic', 1);
    expect(others.length).toBe(records + 1);
    for (const [i, value] of others.entries()) expect(value).toBe(valueAt(i).toString());
    return readiness.text();
  }
}
