import { isUtf8 } from 'node:buffer';
import { setTimeout as delay } from 'node:timers/promises';
import { inBackground } from '../../base/in-background.ts';
import { logFailure } from '../../base/log-failure.ts';
import type { TopicMirror } from '../../front/partitions/topic-mirror.ts';
import type { ClientThrottle } from '../../front/requests/client-throttle.ts';
import { CommandError } from '../command/command-error.ts';
import { parseAcks } from '../produce/acks.ts';
import {
  PRODUCED_FORMS,
  type ProducedForms,
  type ProducedRecord,
  parseRecord,
} from '../produce/produced-record.ts';
import type { Producing } from '../produce/producing.ts';
import { type Exchange, queryInteger } from './exchange.ts';
import type { HttpClient } from './http-client.ts';

const NEWLINE = 0x0a;
/** Records are appended in batches of up to this many. */
const RECORDS_MAX = 1000;
const OFFSET_ROWS_MAX = 10_000;

/** The client, or why it is refused. It does not reject: nobody may wait for it. */
export type Identified = HttpClient | CommandError | Promise<HttpClient | CommandError>;

interface OffsetRow {
  readonly partition: number;
  readonly base: number;
  count: number;
}

/**
 * `POST /topics/:name/records`: one record a line. Records are appended while more lines come in.
 */
export class ProduceStream {
  readonly #producing: Producing;
  readonly #exchange: Exchange;
  readonly #topicName: string;
  readonly #client: Identified;
  #throttle: ClientThrottle | null = null;
  /** Null until the client is known. */
  #topic: TopicMirror | null = null;
  readonly #acks: number;
  readonly #partition: number;
  readonly #forms: ProducedForms;
  readonly #lineBytesMax: number;
  readonly #offsets: OffsetRow[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #records: ProducedRecord[] = [];
  #line = 0;
  #work: Promise<void> = Promise.resolve();
  #failed = false;

  constructor(producing: Producing, exchange: Exchange, topicName: string, client: Identified) {
    const { query } = exchange;
    this.#producing = producing;
    this.#exchange = exchange;
    this.#topicName = topicName;
    this.#client = client;
    this.#acks = parseAcks(query.text('acks'), 'acks');
    this.#partition = queryInteger(query, 'partition', 0) ?? -1;
    this.#forms = {
      keys: query.oneOf('keys', PRODUCED_FORMS, 'text'),
      values: query.oneOf('values', PRODUCED_FORMS, 'text'),
    };
    this.#lineBytesMax = producing.front.settings.webSocket.frameBytesMax;
  }

  /**
   * Reads the next piece of the body only when the records of the last one are handed to the log.
   */
  start(): void {
    const { response } = this.#exchange;
    response.onData((chunk, isLast) => {
      if (this.#failed || this.#exchange.aborted) return;
      const bytes = Buffer.from(Buffer.from(chunk));
      if (!isLast) response.pause();
      const taken = this.#work.then(() => this.#take(bytes, isLast));
      const { logger } = this.#producing.front;
      this.#work = inBackground(taken, logFailure(logger, 'answering a produce stream'));
    });
  }

  async #take(bytes: Buffer, isLast: boolean): Promise<void> {
    if (this.#failed) return;
    try {
      this.#topic ??= await this.#findTopic();
      await this.#takeLines(bytes, isLast);
      // Over its quota the client is read from, and answered, only after the pause.
      const pauseMs = this.#throttle?.produced(bytes.length) ?? 0;
      if (pauseMs > 0) await delay(pauseMs);
      if (this.#exchange.aborted) return;
      if (isLast) this.#exchange.json('200 OK', { offsets: this.#offsets });
      else this.#exchange.response.resume();
    } catch (thrown) {
      this.#failed = true;
      // The rest of the body is read and dropped. After the answer the response must not be
      // touched.
      if (!this.#exchange.aborted && !isLast) this.#exchange.response.resume();
      this.#exchange.fail(thrown, { line: this.#line, offsets: this.#offsets });
    }
  }

  async #findTopic(): Promise<TopicMirror> {
    const client = await this.#client;
    if (client instanceof CommandError) throw client;
    this.#throttle = client.throttle;
    return this.#producing.topic(this.#topicName, 'topic', client.rights);
  }

  async #takeLines(bytes: Buffer, isLast: boolean): Promise<void> {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    for (;;) {
      const end = all.indexOf(NEWLINE, at);
      if (end < 0) break;
      this.#addLine(all.subarray(at, end));
      at = end + 1;
      if (this.#records.length === RECORDS_MAX) await this.#append();
    }
    this.#rest = Buffer.from(all.subarray(at));
    if (this.#rest.length > this.#lineBytesMax) {
      throw new CommandError('bad_value', `a line is over ${this.#lineBytesMax} bytes`);
    }
    if (isLast && this.#rest.length > 0) this.#addLine(this.#rest);
    if (this.#records.length > 0) await this.#append();
  }

  #addLine(bytes: Buffer): void {
    this.#line++;
    if (!isUtf8(bytes)) throw new CommandError('bad_json', `line ${this.#line} is no UTF-8`);
    const line = bytes.toString();
    if (line.trim() === '') return;
    const nowMs = this.#producing.front.clock.wallMs();
    const record = parseRecord(
      parsedLine(line, this.#line),
      `line ${this.#line}`,
      this.#forms,
      nowMs,
    );
    this.#records.push(record);
  }

  async #append(): Promise<void> {
    const records = this.#records;
    this.#records = [];
    const job = await this.#producing.produce({
      topic: this.#topic!,
      acks: this.#acks,
      partition: this.#partition,
      records,
      idempotence: {},
    });
    for (const { error, partition, base, count } of job.outcomes) {
      if (error === 0) this.#note(partition, base, count);
    }
    if (!job.hasFailed) return;
    const refusal = new CommandError('produce_failed', 'not all records were appended');
    refusal.details = { failed: job.failures };
    throw refusal;
  }

  /** Ranges of offsets that follow on each other become one. */
  #note(partition: number, base: number, count: number): void {
    const last = this.#offsets.findLast((row) => row.partition === partition);
    if (last !== undefined && last.base >= 0 && last.base + last.count === base)
      last.count += count;
    else if (this.#offsets.length < OFFSET_ROWS_MAX) this.#offsets.push({ partition, base, count });
  }
}

function parsedLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (thrown) {
    const message = `line ${number} is no JSON: ${(thrown as Error).message}`;
    throw new CommandError('bad_json', message);
  }
}
