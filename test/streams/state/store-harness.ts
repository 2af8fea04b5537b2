import { RecordHeaders } from '../../../src/client/consumer/records/record-headers.ts';
import type { StoreContext } from '../../../src/streams/topology/state-store.ts';
import type { StoreSettings } from '../../../src/streams/topology/store-spec.ts';

/** One record of a changelog. */
export interface LoggedRecord {
  readonly store: string;
  readonly key: Buffer;
  readonly value: Buffer | null;
  readonly timestamp: number;
  readonly headers: RecordHeaders;
}

/** What a store sees of its task, with the record in hand as a test says. */
export class FakeContext implements StoreContext {
  readonly taskId = { subtopology: 0, partition: 0 };
  readonly applicationId: string = 'app';
  readonly directory = undefined;
  readonly logged: LoggedRecord[] = [];
  timestamp = 10;
  streamTime = 10;
  headers = new RecordHeaders([]);
  now = 1000;
  topic = 'input';
  partition = 0;
  offset = 0;

  changelogTopic(store: string): string {
    return `app-${store}-changelog`;
  }

  log(
    store: string,
    key: Uint8Array,
    value: Uint8Array | null,
    timestamp: number,
    headers: RecordHeaders = new RecordHeaders([]),
  ): void {
    const copy = value === null ? null : Buffer.from(value);
    this.logged.push({ store, key: Buffer.from(key), value: copy, timestamp, headers });
  }

  atOrigin(topic: string, partition: number, offset: number, run: () => void): void {
    const before = { topic: this.topic, partition: this.partition, offset: this.offset };
    Object.assign(this, { topic, partition, offset });
    run();
    Object.assign(this, before);
  }

  systemTime(): number {
    return this.now;
  }

  /** How often a store asked for a commit. */
  asked = 0;

  requestCommit(): void {
    this.asked++;
  }

  /** Key and value as text, and the timestamp. */
  get texts(): [string, string | null, number][] {
    return this.logged.map(({ key, value, timestamp }) => [
      key.toString(),
      value?.toString() ?? null,
      timestamp,
    ]);
  }
}

/** What all stores of the tests have in common. */
export const SETTINGS: StoreSettings = {
  name: 'store',
  logging: true,
  logConfig: {},
  caching: false,
  persistent: true,
};
