import { MillraceError } from '../../base/errors.ts';
import { type BrokerAddress, formatAddress, isSameAddress } from '../../client/broker-address.ts';
import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { ConnectionSettings } from '../../client/net/connection-settings.ts';
import { pause } from '../../client/net/pause.ts';
import type { Draft } from '../../protocol/frames.ts';
import type { ApiSchema } from '../../protocol/schema-dsl.ts';
import { ControllerConnection } from './controller-connection.ts';

/** What is asked of the controller that leads, whichever that is. */
export interface ControllerQuestion<Request, Response> {
  readonly api: ApiSchema<Request, Response>;
  readonly version: number;
  readonly body: Draft<Request>;
  /** Whether the one who answered does not lead any more. */
  isElsewhere(answer: NoInfer<Response>): boolean;
}

export interface ActiveControllerOptions {
  /** Null while nobody is known to lead. */
  readonly leader: () => BrokerAddress | null;
  readonly connections: ConnectionSettings;
  readonly retryMs: number;
  /** Without an answer for so long the question is asked again. */
  readonly attemptMs: number;
}

const NOBODY = 'no controller is known to lead';

/**
 * The controller that leads, over one connection that is opened when it is needed. A question is
 * asked again where the controllers change their leader, so it may be carried out twice.
 */
export class ActiveController {
  readonly #options: ActiveControllerOptions;
  readonly #closing = new AbortController();
  #connection: ControllerConnection | null = null;
  #opening: Promise<ControllerConnection> | null = null;

  constructor(options: ActiveControllerOptions) {
    this.#options = options;
  }

  /** What the controller serves that was connected last; null before there was one. */
  get served(): ControllerConnection['served'] | null {
    return this.#connection?.served ?? null;
  }

  /** Opens the connection, so that `served` is known; in vain where nobody leads now. */
  async prepare(): Promise<void> {
    try {
      await this.#connect();
    } catch (thrown) {
      if (!(thrown instanceof MillraceError || thrown instanceof KafkaError)) throw thrown;
    }
  }

  /** Rejects where nobody has answered within the limit. */
  async ask<Request, Response>(
    question: ControllerQuestion<Request, Response>,
    limitMs: number,
  ): Promise<Response> {
    const untilMs = performance.now() + limitMs;
    const { retryMs, attemptMs } = this.#options;
    for (;;) {
      try {
        const connection = await this.#connect();
        const leftMs = untilMs - performance.now();
        return await this.#askOnce(connection, question, Math.min(leftMs, attemptMs));
      } catch (thrown) {
        const isOver = untilMs - performance.now() <= retryMs;
        if (isOver || this.#closing.signal.aborted) throw thrown;
      }
      await pause(retryMs, this.#closing.signal);
    }
  }

  async #askOnce<Request, Response>(
    connection: ControllerConnection,
    { api, version, body, isElsewhere }: ControllerQuestion<Request, Response>,
    timeoutMs: number,
  ): Promise<Response> {
    const answer = await connection.ask(api, version, body, timeoutMs);
    if (!isElsewhere(answer)) return answer;
    connection.close();
    const where = formatAddress(connection.address);
    throw new MillraceError('MILLRACE_REQUEST_FAILED', `the controller at ${where} does not lead`);
  }

  /** Another one leads: what waits for the old one is asked again. */
  leaderMoved(): void {
    const target = this.#options.leader();
    const known = this.#connection;
    if (target !== null && known !== null && !isSameAddress(known.address, target)) known.close();
  }

  close(): void {
    this.#closing.abort();
    this.#connection?.close();
  }

  async #connect(): Promise<ControllerConnection> {
    if (this.#opening !== null) return this.#opening;
    const target = this.#options.leader();
    if (target === null) throw new MillraceError('MILLRACE_REQUEST_FAILED', NOBODY);
    const known = this.#connection;
    if (known?.isOpen === true && isSameAddress(known.address, target)) return known;
    known?.close();
    this.#opening = ControllerConnection.open(target, this.#options.connections);
    try {
      this.#connection = await this.#opening;
    } finally {
      this.#opening = null;
    }
    if (this.#closing.signal.aborted) this.#connection.close();
    return this.#connection;
  }
}
