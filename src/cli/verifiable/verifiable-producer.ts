import { setTimeout as delay } from 'node:timers/promises';
import { inBackground } from '../../base/in-background.ts';
import { toKafkaError } from '../../client/errors/kafka-error.ts';
import { Producer } from '../../client/producer/producer.ts';
import { PRODUCER_DEFAULTS, type ProducerOptions } from '../../client/producer/producer-options.ts';
import { text } from '../../client/serde/serdes.ts';
import { topic } from '../../client/serde/topic.ts';
import { clientConfig } from '../client-config.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { Ending } from '../ending.ts';
import { asUsage, UsageError } from '../usage-error.ts';
import { logEvent } from './event-log.ts';

/** Records on their way at most, so that memory stays small where the cluster does not answer. */
const IN_FLIGHT_MAX = 10_000;

interface Plan {
  readonly topic: string;
  /** Negative is without end. */
  readonly maxMessages: number;
  /** Records a second; negative is as fast as it goes. */
  readonly throughput: number;
  readonly valuePrefix: number | null;
  readonly repeatingKeys: number | null;
  readonly createTimeMs: number | null;
  readonly options: ProducerOptions;
}

/** Kafka's VerifiableProducer: whole numbers as values, and a line for what became of each. */
export async function verifiableProducer(given: CommandArguments): Promise<number> {
  const plan = planOf(given);
  using ending = new Ending();
  const producer = asUsage(() => new Producer(plan.options));
  const run = new Run(plan, producer, ending);
  await run.produce();
  await producer.close();
  await run.told();
  logEvent('shutdown_complete');
  run.summarize();
  return 0;
}

function planOf(given: CommandArguments): Plan {
  const name = given.text('topic');
  if (name === undefined) throw new UsageError('verifiable-producer: which --topic?');
  const acks = given.integer('acks') ?? -1;
  if (acks !== 0 && acks !== 1 && acks !== -1) throw new UsageError('--acks: expected 0, 1 or -1');
  const createTime = given.integer('message-create-time') ?? -1;
  // As in Kafka's: no retries unless the file asks for them.
  const config = { acks, retries: 0, ...clientConfig(given, PRODUCER_DEFAULTS) };
  return {
    topic: name,
    maxMessages: given.integer('max-messages') ?? -1,
    throughput: given.integer('throughput') ?? -1,
    valuePrefix: given.integer('value-prefix') ?? null,
    repeatingKeys: given.integer('repeating-keys', 1) ?? null,
    createTimeMs: createTime === -1 ? null : createTime,
    options: config as unknown as ProducerOptions,
  };
}

class Run {
  readonly #plan: Plan;
  readonly #producer: Producer;
  readonly #ending: Ending;
  readonly #startMs = Date.now();
  #sent = 0;
  #acked = 0;
  #inFlight = 0;

  constructor(plan: Plan, producer: Producer, ending: Ending) {
    this.#plan = plan;
    this.#producer = producer;
    this.#ending = ending;
  }

  async produce(): Promise<void> {
    const { maxMessages } = this.#plan;
    logEvent('startup_complete');
    while ((maxMessages < 0 || this.#sent < maxMessages) && !this.#ending.isAsked) {
      this.#send(this.#sent);
      if (this.#sent % 100 === 0) await new Promise(setImmediate);
      while (this.#mustWait() && !this.#ending.isAsked) await this.#pause();
    }
  }

  /** Resolves once there is a line for each record. */
  async told(): Promise<void> {
    while (this.#inFlight > 0) await new Promise(setImmediate);
  }

  summarize(): void {
    const seconds = (Date.now() - this.#startMs) / 1000;
    logEvent('tool_data', {
      sent: this.#sent,
      acked: this.#acked,
      target_throughput: this.#plan.throughput,
      avg_throughput: this.#acked / seconds,
    });
  }

  /** Whether it is ahead of its rate, or has enough on the way. */
  #mustWait(): boolean {
    const { throughput } = this.#plan;
    if (this.#inFlight >= IN_FLIGHT_MAX) return true;
    return throughput >= 0 && this.#sent > (throughput * (Date.now() - this.#startMs)) / 1000;
  }

  async #pause(): Promise<void> {
    await Promise.race([delay(1), this.#ending.asked]);
  }

  #send(number: number): void {
    const { topic: name, valuePrefix, repeatingKeys, createTimeMs } = this.#plan;
    const key = repeatingKeys === null ? null : String(number % repeatingKeys);
    const value = valuePrefix === null ? String(number) : `${valuePrefix}.${number}`;
    const record = { key, value };
    const elapsed = Date.now() - this.#startMs;
    const stamped =
      createTimeMs === null ? record : { ...record, timestamp: createTimeMs + elapsed };
    this.#sent++;
    this.#inFlight++;
    const sent = Promise.resolve(
      this.#producer.send(topic(name, { key: text, value: text }), stamped),
    ).then(({ topic: to, partition, offset }) => {
      this.#acked++;
      this.#inFlight--;
      logEvent('producer_send_success', { key, value, topic: to, partition, offset });
    });
    inBackground(sent, (thrown) => {
      const { code, message } = toKafkaError(thrown);
      this.#inFlight--;
      const failure = { exception: code, message };
      logEvent('producer_send_error', { topic: name, key, value, ...failure });
    });
  }
}
