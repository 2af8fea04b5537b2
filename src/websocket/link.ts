import { Backoff, type BackoffOptions } from './backoff.ts';
import { closeReason } from './close-reason.ts';
import { type ErrorMessage, GatewayError } from './gateway-error.ts';
import { Pace } from './pace.ts';

/** The part of the browser's WebSocket that is used; `ws` and Node's own have it too. */
export interface WebSocketLike {
  readonly readyState: number;
  binaryType: string;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
}

interface ServerMessage {
  readonly type: string;
  readonly id?: number;
  readonly sub?: number;
  /** In `hello`. */
  readonly limits?: { readonly frameBytes: number; readonly messagesPerSecond: number };
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;
export type LinkState = 'open' | 'lost' | 'closed';

export interface LinkOptions {
  readonly url: string;
  readonly protocol: string;
  readonly open: WebSocketConstructor;
  readonly backoff: BackoffOptions;
  /** A connection that is silent so long is asked for a sign of life, then given up. */
  readonly quietMs: number;
  readonly onState?: (state: LinkState, reason: string) => void;
}

/** What lives on a link over its connections: a subscription. */
export interface Attachment {
  readonly id: number;
  command(): object;
  onAnswer(answer: never): void;
  onEvent(event: never, bytes: number): void;
  onBinary(frame: Uint8Array): void;
  fail(error: GatewayError): void;
  close(): void;
}

interface AskOptions {
  readonly survives?: boolean;
  readonly isTold?: boolean;
  /** It cannot wait for its turn, and is for this socket. */
  readonly isUrgent?: boolean;
}

interface Pending {
  readonly id: number;
  readonly text: string;
  /** Sent again on the next connection when this one is lost before the answer. */
  readonly survives: boolean;
  /** No answer will come: it is done when it is sent. */
  readonly isTold: boolean;
  readonly onOk: (answer: never) => void;
  readonly onError: (error: Error) => void;
}

const OPEN = 1;
const LOST = 1006;
/** A connection that lasted so long was a good one. */
const PROVEN_MS = 5000;
/** The one kind of binary frame that there is. */
const KIND_RECORDS = 1;
const SUB_AT = 4;
/** A character is at most so many bytes of UTF-8. */
const CHARACTER_BYTES = 3;

/**
 * One socket that comes back: answers are matched to commands, events go to their subscriptions,
 * and after a close that allows it a new socket takes over.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #backoff: Backoff;
  readonly #attached = new Map<number, Attachment>();
  readonly #pending = new Map<number, Pending>();
  /** Those of the pending that wait for a connection, or for their turn. */
  #unsent = new Set<Pending>();
  readonly #pace = new Pace();
  readonly #encoder = new TextEncoder();
  #socket: WebSocketLike | null = null;
  #lastId = 0;
  #openedMs = 0;
  #isQuiet = false;
  /** What the broker takes in one frame, as it says itself. */
  #frameBytesMax = Number.POSITIVE_INFINITY;
  #end: GatewayError | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setInterval> | undefined;
  #turn: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff);
    this.#connect();
  }

  #connect(): void {
    const { open, url, protocol, quietMs } = this.#options;
    const socket = new open(url, [protocol]);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#openedMs = Number.POSITIVE_INFINITY;
    socket.onopen = () => this.#onOpen();
    socket.onmessage = ({ data }) => this.#onMessage(data);
    socket.onclose = ({ code, reason }) => this.#onClose(code, reason);
    // A close always follows, and says more.
    socket.onerror = () => {};
    this.#isQuiet = false;
    this.#pulse = setInterval(() => this.#listen(), quietMs);
  }

  #onOpen(): void {
    this.#openedMs = Date.now();
    this.#pace.reset();
    for (const attached of this.#attached.values()) this.#attach(attached);
    this.#sendUnsent();
    this.#options.onState?.('open', '');
  }

  #sendUnsent(): void {
    if (!this.#isOpen || this.#turn !== undefined) return;
    for (const pending of this.#unsent) {
      if (!this.#pace.take()) {
        this.#turn = setTimeout(() => {
          this.#turn = undefined;
          this.#sendUnsent();
        }, this.#pace.waitMs);
        return;
      }
      this.#unsent.delete(pending);
      this.#send(pending);
    }
  }

  #send({ id, text, isTold, onOk }: Pending): void {
    this.#socket!.send(text);
    if (!isTold) return;
    this.#pending.delete(id);
    onOk({} as never);
  }

  /** Every `quietMs`: silence first is answered with a ping, then with another connection. */
  #listen(): void {
    if (this.#isQuiet) {
      this.#onClose(LOST, `no sign of life for ${this.#options.quietMs} ms`);
      return;
    }
    this.#isQuiet = true;
    if (this.#isOpen) this.ask({ type: 'ping' }, ignore, ignore, { isUrgent: true });
  }

  get #isOpen(): boolean {
    return this.#socket?.readyState === OPEN;
  }

  #onMessage(data: unknown): void {
    this.#isQuiet = false;
    if (typeof data !== 'string') {
      const frame = new Uint8Array(data as ArrayBuffer);
      if (frame[0] !== KIND_RECORDS) return;
      const sub = new DataView(frame.buffer).getUint32(SUB_AT);
      this.#attached.get(sub)?.onBinary(frame);
      return;
    }
    const message = JSON.parse(data) as ServerMessage;
    if (message.type === 'hello') {
      if (message.limits === undefined) return;
      this.#frameBytesMax = message.limits.frameBytes;
      this.#pace.set(message.limits.messagesPerSecond);
      return;
    }
    const pending = message.id == null ? undefined : this.#pending.get(message.id);
    if (pending !== undefined) {
      this.#pending.delete(message.id!);
      if (message.type === 'ok') pending.onOk(message as never);
      else pending.onError(GatewayError.of(message as unknown as ErrorMessage));
      return;
    }
    const attached = message.sub === undefined ? undefined : this.#attached.get(message.sub);
    // Credit in bytes counts what the frame weighed on the wire.
    attached?.onEvent(message as never, this.#encoder.encode(data).length);
  }

  #onClose(code: number, text: string): void {
    this.#drop();
    const { reason, retry } = closeReason(code, text);
    const error = new GatewayError(`closed_${code}`, `connection closed: ${reason}`, retry);
    if (!retry) {
      this.#finish(error);
      return;
    }
    const lost: Pending[] = [];
    const kept = new Set<Pending>();
    for (const pending of this.#pending.values()) {
      if (pending.survives || this.#unsent.has(pending)) kept.add(pending);
      else lost.push(pending);
    }
    this.#unsent = kept;
    for (const { id, onError } of lost) {
      this.#pending.delete(id);
      onError(error);
    }
    if (Date.now() - this.#openedMs > PROVEN_MS) this.#backoff.reset();
    this.#timer = setTimeout(() => this.#connect(), this.#backoff.nextMs());
    this.#options.onState?.('lost', reason);
  }

  /** Nothing of this socket is heard any more. */
  #drop(): void {
    clearInterval(this.#pulse);
    clearTimeout(this.#timer);
    clearTimeout(this.#turn);
    this.#turn = undefined;
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #finish(error: GatewayError): void {
    if (this.#end !== null) return;
    this.#end = error;
    this.#drop();
    const pending = [...this.#pending.values()];
    const attached = [...this.#attached.values()];
    this.#pending.clear();
    this.#unsent.clear();
    this.#attached.clear();
    for (const { onError } of pending) onError(error);
    for (const each of attached) each.fail(error);
    this.#options.onState?.('closed', error.message);
  }

  add(attachment: Attachment): void {
    if (this.#end !== null) {
      attachment.fail(this.#end);
      return;
    }
    this.#attached.set(attachment.id, attachment);
    if (this.#isOpen) this.#attach(attachment);
  }

  #attach(attachment: Attachment): void {
    const socket = this.#socket;
    const onError = (error: Error): void => {
      const isAttached = this.#attached.get(attachment.id) === attachment;
      if (this.#socket !== socket || !isAttached) return;
      if (error instanceof GatewayError && error.retry) {
        setTimeout(() => {
          const isSame = this.#socket === socket && this.#isOpen;
          if (isSame && this.#attached.has(attachment.id)) this.#attach(attachment);
        }, this.#backoff.nextMs());
        return;
      }
      this.#attached.delete(attachment.id);
      attachment.fail(error as GatewayError);
    };
    const onOk = (answer: never): void => attachment.onAnswer(answer);
    this.ask(attachment.command(), onOk, onError, { isUrgent: true });
  }

  remove(attachment: Attachment): void {
    if (!this.#attached.delete(attachment.id)) return;
    this.tell({ type: 'unsubscribe', sub: attachment.id });
  }

  /** The callbacks run before the next message is looked at. Returns the command's id. */
  ask(
    command: object,
    onOk: (answer: never) => void,
    onError: (error: Error) => void,
    { survives = false, isTold = false, isUrgent = false }: AskOptions = {},
  ): number {
    const id = ++this.#lastId;
    if (this.#end !== null) {
      onError(this.#end);
      return id;
    }
    const text = JSON.stringify(isTold ? command : { ...command, id });
    const error = this.#tooBig(text);
    if (error !== null) {
      onError(error);
      return id;
    }
    const pending = { id, text, survives, isTold, onOk, onError };
    this.#pending.set(id, pending);
    if (isUrgent) {
      this.#pace.count();
      this.#send(pending);
    } else {
      this.#unsent.add(pending);
      this.#sendUnsent();
    }
    return id;
  }

  /**
   * Resolves with the answer; rejects when the server says no, or when the socket is lost before
   * the answer unless the command survives that. What is told only resolves when it is sent.
   */
  request(command: object, { signal, ...options }: RequestOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      let id = 0;
      const onAbort = (): void => {
        const pending = this.#pending.get(id);
        this.#pending.delete(id);
        if (pending !== undefined) this.#unsent.delete(pending);
        reject(signal!.reason);
      };
      const settle = (): void => signal?.removeEventListener('abort', onAbort);
      const onOk = (answer: unknown): void => {
        settle();
        resolve(answer);
      };
      const onError = (error: Error): void => {
        settle();
        reject(error);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      id = this.ask(command, onOk, onError, options);
    });
  }

  /** The broker would close the socket, and with it everything else that goes over it. */
  #tooBig(text: string): GatewayError | null {
    const max = this.#frameBytesMax;
    if (text.length * CHARACTER_BYTES <= max) return null;
    const { length } = this.#encoder.encode(text);
    if (length <= max) return null;
    const message = `the command is ${length} bytes, the broker takes ${max}: send fewer records`;
    return new GatewayError('too_big', message, false);
  }

  /** For what is small, needs no answer and makes no sense on another socket. */
  tell(command: object): void {
    if (!this.#isOpen) return;
    this.#pace.count();
    this.#socket!.send(JSON.stringify(command));
  }

  close(): void {
    const attached = [...this.#attached.values()];
    this.#attached.clear();
    for (const each of attached) each.close();
    if (this.#isOpen) this.#socket!.close(1000);
    this.#finish(new GatewayError('closed', 'this client is closed', false));
  }
}

export interface RequestOptions extends AskOptions {
  readonly signal?: AbortSignal | undefined;
}

function ignore(): void {}
