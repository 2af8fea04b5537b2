import { Backoff, type BackoffOptions } from './backoff.ts';
import { closeReason } from './close-reason.ts';
import { type ErrorMessage, GatewayError } from './gateway-error.ts';
import { Pace } from './pace.ts';

/** The part of the browser's WebSocket that is used. `ws` and Node's own WebSocket have it too. */
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
  /**
   * After so long in silence the broker is pinged, and after as long again the connection is given
   * up.
   */
  readonly quietMs: number;
  /** Asked for each socket. */
  readonly ticket?: () => Promise<string>;
  readonly onState?: (state: LinkState, reason: string) => void;
}

/** What stays on a link when its sockets change: a subscription. */
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
  readonly isOneWay?: boolean;
  /** It is sent at once, without regard to the pace, and only on this socket. */
  readonly isUrgent?: boolean;
}

interface Pending {
  readonly id: number;
  readonly text: string;
  /** It is sent again on the next connection if this one is lost before the answer. */
  readonly survives: boolean;
  /** No answer comes. It is done when it is sent. */
  readonly isOneWay: boolean;
  readonly onOk: (answer: never) => void;
  readonly onError: (error: Error) => void;
}

const OPEN = 1;
const LOST = 1006;
/** A connection that lasted so long resets the backoff. */
const PROVEN_MS = 5000;
/** The only kind of binary frame. */
const KIND_RECORDS = 1;
const SUB_AT = 4;
/** A character has at most so many bytes in UTF-8. */
const CHARACTER_BYTES = 3;

/**
 * One connection that comes back. It matches answers to commands and gives events to their
 * subscriptions. After a close that allows it, a new socket takes over.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #backoff: Backoff;
  readonly #attached = new Map<number, Attachment>();
  readonly #pending = new Map<number, Pending>();
  /** The pending commands that are not sent yet: they wait for a connection or for the pace. */
  #unsent = new Set<Pending>();
  readonly #pace = new Pace();
  readonly #encoder = new TextEncoder();
  #socket: WebSocketLike | null = null;
  #lastId = 0;
  #openedMs = 0;
  #isQuiet = false;
  /** Counts what may open a socket: a ticket that comes too late opens none. */
  #attempt = 0;
  /** The largest frame that the broker accepts, as it says in `hello`. */
  #frameBytesMax = Number.POSITIVE_INFINITY;
  #end: GatewayError | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setInterval> | undefined;
  #sendTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff);
    this.#connect();
  }

  #connect(): void {
    const { url, ticket } = this.#options;
    const attempt = ++this.#attempt;
    const withTicket = (text: string): void => {
      const query = `${url.includes('?') ? '&' : '?'}ticket=${encodeURIComponent(text)}`;
      if (attempt === this.#attempt) this.#open(`${url}${query}`);
    };
    const onFailure = (thrown: unknown): void => {
      if (attempt === this.#attempt) this.#onClose(LOST, `there is no ticket: ${thrown}`);
    };
    if (ticket === undefined) this.#open(url);
    else ticket().then(withTicket).catch(onFailure);
  }

  #open(url: string): void {
    const { open, protocol, quietMs } = this.#options;
    const socket = new open(url, [protocol]);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#openedMs = Number.POSITIVE_INFINITY;
    socket.onopen = () => this.#onOpen();
    socket.onmessage = ({ data }) => this.#onMessage(data);
    socket.onclose = ({ code, reason }) => this.#onClose(code, reason);
    // A close always follows and says more.
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
    if (!this.#isOpen || this.#sendTimer !== undefined) return;
    for (const pending of this.#unsent) {
      if (!this.#pace.take()) {
        this.#sendTimer = setTimeout(() => {
          this.#sendTimer = undefined;
          this.#sendUnsent();
        }, this.#pace.waitMs);
        return;
      }
      this.#unsent.delete(pending);
      this.#send(pending);
    }
  }

  #send({ id, text, isOneWay, onOk }: Pending): void {
    this.#socket!.send(text);
    if (!isOneWay) return;
    this.#pending.delete(id);
    onOk({} as never);
  }

  /**
   * Runs every `quietMs`. After the first silence it sends a ping, after the second it opens
   * another connection.
   */
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
    // Credit in bytes counts the size of the frame on the wire.
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

  /** From now on nothing from this socket is handled. */
  #drop(): void {
    this.#attempt++;
    clearInterval(this.#pulse);
    clearTimeout(this.#timer);
    clearTimeout(this.#sendTimer);
    this.#sendTimer = undefined;
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

  /** The callbacks run before the next message is handled. Returns the command's id. */
  ask(
    command: object,
    onOk: (answer: never) => void,
    onError: (error: Error) => void,
    { survives = false, isOneWay = false, isUrgent = false }: AskOptions = {},
  ): number {
    const id = ++this.#lastId;
    if (this.#end !== null) {
      onError(this.#end);
      return id;
    }
    const text = JSON.stringify(isOneWay ? command : { ...command, id });
    const error = this.#tooBig(text);
    if (error !== null) {
      onError(error);
      return id;
    }
    const pending = { id, text, survives, isOneWay, onOk, onError };
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
   * Resolves with the answer. Rejects if the broker refuses, or if the socket is lost before the
   * answer and the command does not survive that. A command without an answer resolves when it is
   * sent.
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

  /**
   * An error for a command that is larger than the broker accepts. The broker would close the
   * socket for it, and everything else on the socket would be lost too.
   */
  #tooBig(text: string): GatewayError | null {
    const max = this.#frameBytesMax;
    if (text.length * CHARACTER_BYTES <= max) return null;
    const { length } = this.#encoder.encode(text);
    if (length <= max) return null;
    const message = `the command is ${length} bytes, the broker takes ${max}: send fewer records`;
    return new GatewayError('too_big', message, false);
  }

  /** Sends a small command that needs no answer and is only for this socket. */
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
