/** What `send` answers. */
export const SEND_STATUS = {
  /** The message waits for the reader. */
  WAITS: 0,
  SENT: 1,
  /** Too much waits unread: the message is lost. */
  DROPPED: 2,
} as const;

/** One open WebSocket. After its host's `onClosed` it must not be touched. */
export interface EngineSocket {
  /** Answers one of `SEND_STATUS`. */
  send(message: string | Uint8Array, isBinary: boolean): number;
  /** Bytes that the reader has not taken yet. */
  getBufferedAmount(): number;
  /** What `write` sends leaves together. */
  cork(write: () => void): unknown;
  ping(): unknown;
  /** Sends a close frame. */
  end(code: number, reason: string): void;
  /** Cuts the socket without a close frame. */
  close(): void;
}
