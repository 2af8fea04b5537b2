import type { EngineSocket } from './engine-socket.ts';
import type { HttpRequest } from './http-request.ts';
import type { Refusal } from './refuse.ts';

/** A WebSocket that is about to open. */
export interface SocketOffer {
  /** What is spoken. */
  readonly subprotocol: string;
  /** The subprotocol that the answer names; '' where the client asked for none. */
  readonly toldSubprotocol: string;
  /** The `Host` header: the address that the client dialled. */
  readonly host: string;
  /** What the host found out about the client. */
  readonly client: unknown;
}

/** Serves the WebSockets of one path. `Session` is what the host keeps for one socket. */
export interface SocketHost<Session> {
  /** A longer frame cuts its socket without a close frame. */
  readonly frameBytesMax: number;
  /** A message that would wait behind so many unread bytes is dropped. */
  readonly unreadBytesMax: number;
  /** The request is gone when this returns; the answer may come later. */
  accept(
    request: HttpRequest,
    remoteAddress: string,
  ): SocketOffer | Refusal | Promise<SocketOffer | Refusal>;
  /** Must not close the socket: its end would come before the engine knows the session. */
  createSession(socket: EngineSocket, remoteAddress: string): Session;
  onOpen(session: Session, offer: SocketOffer): void;
  /** The bytes are valid until this returns. */
  onMessage(session: Session, bytes: ArrayBuffer, isBinary: boolean): void;
  /** The reader has taken some of what waited. */
  onDrain(session: Session): void;
  onPong(session: Session): void;
  onClosed(session: Session): void;
}
