/** Writes inputs of the smoke topology over all lives of the broker; time goes on with each. */
import { Producer } from '#millrace/client/producer/producer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { int32 } from '#millrace/streams/serde/numbers';

const KEYS = 12;
const VALUES = 1_000;
const STEP_MS = 20;
const AT_ONCE = 8;
const PAUSE_MS = 10;
const DAYS_2_MS = 2 * 86_400_000;
const HOUR_MS = 3_600_000;
const BALLAST_KEYS = 8;
const BALLAST_CHARS = 12_000;

const data = topic('data', { key: text, value: int32 });
const ballast = topic('ballast', { key: text, value: text });

export class StreamsWriter {
  #producer;
  #random;
  /** All fall into one window of two days, and into the first day of it. */
  #time = Math.floor(Date.now() / DAYS_2_MS) * DAYS_2_MS - DAYS_2_MS + HOUR_MS;
  #isOver = false;
  #work = null;
  #failure = null;
  #rounds = 0;

  constructor(bootstrapServers, random) {
    this.#random = random;
    this.#producer = new Producer({ bootstrapServers, lingerMs: 0, onError: () => undefined });
  }

  start() {
    this.#work = this.#run().catch((error) => {
      this.#failure = error;
    });
  }

  /** All that was begun has arrived. */
  async stop() {
    this.#isOver = true;
    await this.#work;
    await this.#producer.flush();
    if (this.#failure !== null) throw this.#failure;
  }

  /** Closes all windows, in each partition. */
  async flush(partitions) {
    const timestamp = this.#time + 25 * HOUR_MS;
    for (let partition = 0; partition < partitions; partition++) {
      this.#producer.send(data, { key: 'flush', value: 0, partition, timestamp }).toldElsewhere();
    }
    await this.#producer.flush();
  }

  async close() {
    await this.#producer.close({ timeoutMs: 1_000 });
  }

  async #run() {
    while (!this.#isOver) {
      for (let i = 0; i < AT_ONCE; i++) {
        const key = `k${Math.floor(this.#random() * KEYS)}`;
        const value = Math.floor(this.#random() * VALUES);
        this.#time += STEP_MS;
        const timestamp = this.#time;
        this.#producer.send(data, { key, value, timestamp }).toldElsewhere();
      }
      this.#rounds++;
      const head = String(this.#rounds).padStart(8, '0');
      const value = head + 'x'.repeat(BALLAST_CHARS);
      const key = `b${this.#rounds % BALLAST_KEYS}`;
      this.#producer.send(ballast, { key, value }).toldElsewhere();
      await this.#producer.flush();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
