import type { BrokerAddress } from '../broker-address.ts';

/** What a transport tells its connection. */
export interface TransportEvents {
  /** Called once, when bytes can be written. */
  onOpen(): void;
  /** The buffer into which the next bytes go. Asked for before each read. */
  target(): Uint8Array;
  /** The first `length` bytes of `target` came in. They are the connection's until it returns. */
  onBytes(target: Uint8Array, length: number): void;
  /** The last call. `cause` is null where the broker closed the connection in good order. */
  onClosed(cause: unknown): void;
}

/** A stream of bytes to one broker. */
export interface Transport {
  /**
   * Takes bytes that do not change until they have left. They leave with `flush` at the latest.
   * `onTaken` follows once the system has them, or never will.
   */
  write(bytes: Uint8Array, onTaken?: () => void): void;
  /** Sends what was written so far. */
  flush(): void;
  /** Bytes that wait for the system to take them. */
  readonly queuedBytes: number;
  /** Closes at once. `onClosed` follows. */
  destroy(): void;
}

/** Begins to connect; `onOpen` or `onClosed` follows. */
export type OpenTransport = (address: BrokerAddress, events: TransportEvents) => Transport;
