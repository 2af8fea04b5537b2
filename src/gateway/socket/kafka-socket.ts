import type { Connection } from '../../front/net/connection.ts';
import type { CutKind, Transport } from '../../front/net/transport.ts';
import type { Services } from '../../front/requests/front-services.ts';
import { HTTP_LISTENER } from '../../metadata/config/listener-scope.ts';
import { CLOSE, type CloseCode } from '../command/close-code.ts';
import type { Peer, PeerHandler } from './peer.ts';

type Needed = Services<'kafka' | 'clock' | 'settings' | 'lostFiles'>;

const CLOSE_OF: Readonly<Record<CutKind, CloseCode>> = {
  protocol: CLOSE.PROTOCOL,
  failed: CLOSE.FAILED,
  idle: CLOSE.IDLE,
  slow: CLOSE.SLOW,
  stopping: CLOSE.GOING_AWAY,
};
const LENGTH_BYTES = 4;
/** While requests are paused, so many bytes of further ones are kept before the peer is cut. */
const PAUSED_BYTES_MAX = 4 * 1024 * 1024;

/**
 * The subprotocol `kafka`: the bytes of a Kafka connection in binary messages. An outgoing message
 * is one response with its length prefix. Incoming messages may be cut anywhere.
 */
export class KafkaSocket implements PeerHandler, Transport {
  readonly remoteAddress: string;
  readonly remotePort = 0;
  readonly localAddress: string;
  readonly localPort: number;
  readonly listenerName: string;
  readonly #peer: Peer;
  readonly #front: Needed;
  #connection: Connection | null = null;
  #paused = false;
  /**
   * The bytes that came in while paused. A WebSocket cannot be told to wait, so their size is
   * limited.
   */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #outgoing: Buffer = Buffer.alloc(0);
  #writtenBytes = 0;

  /** Closes the peer and answers null if the broker's connection limits refuse it. */
  static open(peer: Peer, front: Needed, host: string): KafkaSocket | null {
    const address = peer.remoteAddress;
    const refusal = front.kafka.admission.enter(address, front.clock.monotonicMs());
    if (refusal !== '') {
      peer.close(CLOSE.TOO_MANY_SOCKETS, refusal);
      return null;
    }
    const socket = new KafkaSocket(peer, front, address, host);
    const { identity } = peer;
    peer.hasOwnAuthentication = identity === null;
    socket.#connection = front.kafka.adopt(socket, undefined, identity?.principal);
    return socket;
  }

  private constructor(peer: Peer, front: Needed, address: string, host: string) {
    this.#peer = peer;
    this.#front = front;
    this.remoteAddress = address;
    const [first] = front.kafka.listeners;
    this.localAddress = host.replace(/:\d+$/, '');
    this.localPort = first?.port ?? 0;
    // Without an identity it authenticates as the settings of HTTP's clients ask.
    this.listenerName =
      peer.identity === null ? HTTP_LISTENER : (front.settings.listeners[0]?.name ?? '');
  }

  onMessage(message: ArrayBuffer, isBinary: boolean): void {
    if (!isBinary) {
      this.#peer.close(CLOSE.NOT_SUPPORTED, 'the subprotocol kafka takes binary messages');
      return;
    }
    const bytes = Buffer.from(message);
    if (this.#paused) this.#hold(bytes);
    else this.#connection?.onBytes(bytes, 0, bytes.length, this.#nowMs());
  }

  #hold(bytes: Buffer): void {
    this.#held.push(Buffer.from(bytes));
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > PAUSED_BYTES_MAX) {
      this.#peer.close(CLOSE.SLOW, 'too many requests wait for their answers');
    }
  }

  #nowMs(): number {
    return this.#front.clock.monotonicMs();
  }

  onRoom(): void {
    const connection = this.#connection;
    if (connection === null) return;
    connection.resume(this.#nowMs());
    this.#front.kafka.flush();
  }

  onClosed(): void {
    this.#connection?.onClosed();
    this.#connection = null;
    this.#front.kafka.admission.leave(this.remoteAddress);
    this.#held = [];
  }

  /** Cuts the written bytes into responses. Each response becomes one message. */
  write(chunks: readonly Buffer[]): void {
    if (!this.#front.lostFiles.canBeSent(chunks)) {
      this.#peer.close(CLOSE.FAILED, 'the disk does not give what it asked for');
      return;
    }
    this.#outgoing = Buffer.concat([this.#outgoing, ...chunks]);
    let bytes = this.#outgoing;
    while (bytes.length >= LENGTH_BYTES) {
      const size = LENGTH_BYTES + bytes.readInt32BE(0);
      if (bytes.length < size) break;
      this.#peer.sendRecords(bytes.subarray(0, size), true);
      this.#writtenBytes += size;
      bytes = bytes.subarray(size);
    }
    this.#outgoing = bytes.length === 0 ? bytes : Buffer.from(bytes);
  }

  bufferedBytes(): number {
    return this.#peer.bufferedBytes;
  }

  takenBytes(): number {
    return this.#writtenBytes - this.#peer.bufferedBytes;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    while (this.#held.length > 0 && !this.#paused) {
      const bytes = this.#held.shift()!;
      this.#heldBytes -= bytes.length;
      this.#connection?.onBytes(bytes, 0, bytes.length, this.#nowMs());
    }
  }

  destroy(kind: CutKind, reason: string): void {
    const said = this.#front.kafka.stopping ? 'stopping' : kind;
    this.#peer.close(CLOSE_OF[said], said === 'stopping' ? 'the broker stops' : `it ${reason}`);
  }
}
