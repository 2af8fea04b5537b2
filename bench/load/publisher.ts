import type { LoadConnection } from './load-connection.ts';
import { LoadError } from './load-error.ts';

/** The publishing side of a fan-out: equal batches, numbered from 0, each sent when released. */
export interface Publisher {
  /** Batch `index` leaves now. */
  onSent: (index: number, nowMs: number) => void;
  onFailed: (error: Error) => void;
  /** Batches below this number may leave. */
  release(count: number): void;
  stop(): Promise<void>;
}

/** Sends the same batch each time. */
export function publisherOver(connection: LoadConnection, batch: Buffer): Publisher {
  let sent = 0;
  const publisher: Publisher = {
    onSent: () => {},
    onFailed: () => {},
    release(count) {
      const nowMs = performance.now();
      for (; sent < count; sent++) {
        publisher.onSent(sent, nowMs);
        connection.socket.write(batch);
      }
    },
    async stop() {
      connection.close();
    },
  };
  connection.onClosed = (reason) => publisher.onFailed(new LoadError(reason));
  return publisher;
}
