import type { SocketCalls } from '../../src/base/socket-calls.ts';

export const SOCKET = 3;

/** A system with one socket, which takes so much at a time. */
export class FakeSystem implements SocketCalls {
  room = 0;
  events = 0;
  isClosed = false;
  readonly taken: string[] = [];

  createPoller = () => ({});
  closePoller(): void {}
  adoptListener = () => SOCKET;
  accept = () => SOCKET;
  establish = () => 0;
  peerOf = (): [string, number] | null => ['10.0.0.1', 1234];
  localOf = (): [string, number] => ['::ffff:127.0.0.1', 9092];

  awaitEvents(_poller: object, _socket: number, events: number): number {
    this.events = events;
    return 0;
  }

  /** Below 0 `room` is the error. */
  send(_poller: object, _socket: number, chunks: readonly Uint8Array[]): number {
    if (this.room < 0) return this.room;
    const sent = Buffer.concat(chunks).subarray(0, this.room);
    this.room -= sent.length;
    this.taken.push(sent.toString());
    return sent.length;
  }

  closeSocket(): void {
    this.isClosed = true;
  }
}
