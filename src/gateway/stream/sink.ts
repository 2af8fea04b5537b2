import type { Frame } from './frame.ts';

/** Where frames go: a WebSocket, or the response of an HTTP request. */
export interface Sink {
  /** False while too much waits for the peer. Subscriptions are resumed when it has read. */
  readonly hasRoom: boolean;
  /** The bytes are copied or sent before it returns. */
  sendFrame(frame: Frame): void;
}
