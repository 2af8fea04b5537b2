/** Told by the event loop of sockets by their numbers. */
export interface SocketReceiver {
  /** So many bytes lie in the poller's buffer; 0 at the end, or a negative errno. */
  onRead(socket: number, outcome: number): void;
  onWritable(socket: number): void;
  /** Called again in each turn of the event loop until all waiting connections are accepted. */
  onAcceptable(listener: number): void;
}

/**
 * TCP as the addon has it. node:net makes four kilobytes of objects for each connection, which the
 * collector must move when many come, and it accepts all that have come before anybody else is
 * served. Numbers below 0 are errnos.
 */
export interface SocketCalls {
  /**
   * Each read goes to `buffer`, at `next[0]` where `next` is given, of at most `readBytesMax`.
   * Nothing is read while less than that is left behind `next[0]`.
   */
  createPoller(
    buffer: Uint8Array,
    receiver: SocketReceiver,
    next?: Int32Array,
    readBytesMax?: number,
  ): object;
  /** Closes all its sockets. */
  closePoller(poller: object): void;
  /**
   * A listener over the port that `fd` is bound to, which may then be closed. The kernel takes no
   * more of a connection's bytes than `unsentBytes` that it cannot send yet.
   */
  adoptListener(poller: object, fd: number, unsentBytes: number): number;
  /**
   * A newcomer: until `establish` it is served only in the share that all newcomers have of a turn
   * of the event loop. Where the system has no sets of sockets, it is served like all.
   */
  accept(poller: object, listener: number): number;
  /** Below 0 nobody watches it any more. */
  establish(poller: object, socket: number): number;
  /** Null where the peer is gone. */
  peerOf(poller: object, socket: number): [address: string, port: number] | null;
  localOf(poller: object, socket: number): [address: string, port: number] | null;
  awaitEvents(poller: object, socket: number, events: number): number;
  /** Bytes of the chunks that the socket took without waiting. */
  send(poller: object, socket: number, chunks: readonly Uint8Array[]): number;
  closeSocket(poller: object, socket: number): void;
}
