import type { BrokerAddress } from '../broker-address.ts';
import { KafkaError } from '../errors/kafka-error.ts';
import { BackOff } from './back-off.ts';
import { Connection } from './connection.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { pause } from './pause.ts';

/** What a connection is for. A long poll on one of them never holds up the requests of another. */
export const LANE = {
  /** Metadata, coordinators, administration. */
  CONTROL: 'control',
  PRODUCE: 'produce',
  FETCH: 'fetch',
  /** Membership and commits. */
  GROUP: 'group',
} as const;

export type LanePurpose = (typeof LANE)[keyof typeof LANE];

export interface LaneSettings extends ConnectionSettings {
  readonly reconnectBackoffMs: number;
  readonly reconnectBackoffMaxMs: number;
}

/** The way to one broker for one purpose: one connection, opened again when it is needed. */
export class Lane {
  readonly purpose: LanePurpose;
  #address: BrokerAddress;
  readonly #settings: LaneSettings;
  readonly #backOff: BackOff;
  readonly #closing = new AbortController();
  #connection: Connection | null = null;
  #opening: Promise<Connection> | null = null;
  #notBeforeMs = 0;

  constructor(address: BrokerAddress, purpose: LanePurpose, settings: LaneSettings) {
    this.#address = address;
    this.purpose = purpose;
    this.#settings = settings;
    this.#backOff = new BackOff(settings.reconnectBackoffMs, settings.reconnectBackoffMaxMs);
  }

  get address(): BrokerAddress {
    return this.#address;
  }

  /** The open connection, null where there is none now. */
  get current(): Connection | null {
    const connection = this.#connection;
    return connection?.isOpen === true ? connection : null;
  }

  /** Whether the last attempt to connect failed and the pause after it is not over. */
  get isBackingOff(): boolean {
    return performance.now() < this.#notBeforeMs;
  }

  /** The open connection, or a new one after the pause that failures before it demand. */
  connect(): Promise<Connection> {
    const current = this.current;
    if (current !== null) return Promise.resolve(current);
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** The broker is found elsewhere now. */
  moveTo(address: BrokerAddress): void {
    if (address.host === this.#address.host && address.port === this.#address.port) return;
    this.#address = address;
    this.#backOff.reset();
    this.#notBeforeMs = 0;
    this.#connection?.close();
  }

  close(error?: KafkaError): void {
    this.#closing.abort();
    this.#connection?.close(error);
  }

  async #open(): Promise<Connection> {
    try {
      const waitMs = this.#notBeforeMs - performance.now();
      if (waitMs > 0) await pause(waitMs, this.#closing.signal);
      this.#requireOpen();
      const connection = await Connection.open(this.#address, this.#settings);
      this.#connection = connection;
      if (this.#closing.signal.aborted) connection.close();
      this.#requireOpen();
      this.#backOff.reset();
      this.#notBeforeMs = 0;
      return connection;
    } catch (thrown) {
      this.#notBeforeMs = performance.now() + this.#backOff.next();
      throw thrown;
    } finally {
      this.#opening = null;
    }
  }

  #requireOpen(): void {
    if (this.#closing.signal.aborted) throw new KafkaError('CLOSED', 'the client is closed');
  }
}
