import type { ClientThrottle } from '../../front/requests/client-throttle.ts';
import type { WebSocketSettings } from '../../metadata/config/broker-settings.ts';
import { type Identity, NOBODY } from '../access/identity.ts';
import { CLOSE, type CloseCode, closeReason } from '../command/close-code.ts';
import { type EngineSocket, SEND_STATUS } from '../engine/engine-socket.ts';
import { Pause } from '../stream/pause.ts';

/** Serves one socket: there is a handler for each subprotocol. */
export interface PeerHandler {
  /** The bytes are valid until this returns. */
  onMessage(bytes: ArrayBuffer, isBinary: boolean): void;
  /** Called when the peer has read enough to be sent more. */
  onRoom(): void;
  onClosed(): void;
  /** The rules of access have changed. */
  onRightsChanged?(): void;
}

/** Above so many unread bytes records stay in the log and are not put into memory. */
const FULL_BYTES = 256 * 1024;
/**
 * A quiet socket is pinged at each interval, plus or minus this share of it, so that pings spread.
 */
const JITTER = 0.25;
const SILENT_INTERVALS_MAX = 2;

/** One open WebSocket and its limits: unread bytes, message rate, signs of life. */
export class Peer {
  hasRoom = true;
  closed = false;
  lastHeardMs: number;
  readonly remoteAddress: string;
  readonly openedMs: number;
  /** Null while the client has not said who it is. */
  identity: Identity | null = NOBODY;
  /** It says who it is in a protocol of its own. */
  hasOwnAuthentication = false;
  readonly #socket: EngineSocket;
  readonly #settings: WebSocketSettings;
  #handler: PeerHandler | null = null;
  /** Null where what it is sent is counted elsewhere. */
  throttle: ClientThrottle | null = null;
  readonly #pause = new Pause(() => this.#findRoom());
  #texts: string[] = [];
  #pingDueMs: number;
  #pingedMs = -1;
  #allowance: number;
  #allowanceAtMs: number;

  constructor(
    socket: EngineSocket,
    remoteAddress: string,
    settings: WebSocketSettings,
    nowMs: number,
  ) {
    this.#socket = socket;
    this.remoteAddress = remoteAddress;
    this.#settings = settings;
    this.lastHeardMs = nowMs;
    this.openedMs = nowMs;
    this.#pingDueMs = nowMs + pingDelay(settings.pingIntervalMs);
    this.#allowance = settings.messagesPerSecondMax;
    this.#allowanceAtMs = nowMs;
  }

  attach(handler: PeerHandler): void {
    this.#handler = handler;
  }

  get bufferedBytes(): number {
    return this.closed ? 0 : this.#socket.getBufferedAmount();
  }

  /**
   * Sends answers and events. Those of one turn leave in one write. A peer that leaves too much of
   * them unread is closed.
   */
  send(text: string): void {
    if (this.closed) return;
    this.#texts.push(text);
    if (this.#texts.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const texts = this.#texts;
    if (texts.length === 0 || this.closed) return;
    this.#texts = [];
    this.#socket.cork(() => {
      for (const text of texts) this.#socket.send(text, false);
    });
    const buffered = this.#notePressure();
    if (buffered <= this.#settings.bufferedBytesMax + FULL_BYTES) return;
    this.close(CLOSE.SLOW, `${buffered} bytes wait unread`);
  }

  /** Sends records. The caller asks `hasRoom` before. */
  sendRecords(bytes: Uint8Array, isBinary: boolean): void {
    if (this.closed) return;
    if (this.#texts.length > 0) this.#flush();
    const status = this.#socket.send(bytes, isBinary);
    const pauseMs = this.throttle?.sent(bytes.length) ?? 0;
    if (pauseMs > 0) {
      this.hasRoom = false;
      this.#pause.start(pauseMs);
    }
    if (status === SEND_STATUS.SENT) return;
    const buffered = this.#notePressure();
    if (status === SEND_STATUS.DROPPED) this.close(CLOSE.SLOW, `${buffered} bytes wait unread`);
  }

  #notePressure(): number {
    const buffered = this.#socket.getBufferedAmount();
    // Only `onDrain` sets `hasRoom` again, because it also resumes what waits for it.
    if (buffered >= this.#fullBytes) this.hasRoom = false;
    return buffered;
  }

  get #fullBytes(): number {
    return Math.min(FULL_BYTES, this.#settings.bufferedBytesMax);
  }

  onDrain(): void {
    this.#findRoom();
  }

  #findRoom(): void {
    if (this.closed || this.hasRoom || this.#pause.isOn) return;
    if (this.#socket.getBufferedAmount() > this.#fullBytes / 2) return;
    this.hasRoom = true;
    this.#handler?.onRoom();
  }

  onMessage(message: ArrayBuffer, isBinary: boolean, nowMs: number): void {
    this.lastHeardMs = nowMs;
    const { messagesPerSecondMax: rate, frameBytesMax } = this.#settings;
    const earned = ((nowMs - this.#allowanceAtMs) * rate) / 1000;
    this.#allowance = Math.min(rate, this.#allowance + earned) - 1;
    this.#allowanceAtMs = nowMs;
    if (this.#allowance < 0) {
      this.close(CLOSE.RATE, `over ${rate} messages a second`);
    } else if (message.byteLength > frameBytesMax) {
      this.close(CLOSE.TOO_BIG, `${message.byteLength} bytes; ${frameBytesMax} are allowed`);
    } else {
      this.#handler?.onMessage(message, isBinary);
    }
  }

  /** Pings a quiet peer, and closes a silent one. */
  checkSilence(nowMs: number): void {
    const { pingIntervalMs } = this.#settings;
    const silentMs = nowMs - this.lastHeardMs;
    const wasPinged = this.#pingedMs >= this.lastHeardMs;
    if (wasPinged && silentMs > SILENT_INTERVALS_MAX * pingIntervalMs) {
      this.close(CLOSE.IDLE, `nothing heard for ${SILENT_INTERVALS_MAX * pingIntervalMs} ms`);
      return;
    }
    if (nowMs < this.#pingDueMs) return;
    this.#pingDueMs = nowMs + pingDelay(pingIntervalMs);
    if (silentMs < pingIntervalMs * (1 - JITTER)) return;
    this.#pingedMs = nowMs;
    this.#socket.ping();
  }

  close(code: CloseCode, reason: string): void {
    if (this.closed) return;
    const texts = this.#texts;
    this.#texts = [];
    for (const text of texts) this.#socket.send(text, false);
    this.#socket.end(code.status, closeReason(code, reason));
  }

  /** Cuts the socket without a close frame. */
  destroy(): void {
    if (!this.closed) this.#socket.close();
  }

  onRightsChanged(): void {
    this.#handler?.onRightsChanged?.();
  }

  onClosed(): void {
    this.closed = true;
    this.#pause.end();
    this.hasRoom = false;
    this.#handler?.onClosed();
    this.#handler = null;
  }
}

function pingDelay(intervalMs: number): number {
  return intervalMs * (1 - JITTER + 2 * JITTER * Math.random());
}
