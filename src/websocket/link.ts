import { GatewayError } from './messages.ts';
import type { Subscription } from './subscription.ts';

/** The part of the browser's WebSocket that is used; `ws` and Node's own have it too. */
export interface WebSocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

const PROTOCOL = 'millrace.json';
const OPEN = 1;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

interface Pending {
  readonly command: object;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One socket that comes back: answers are matched to commands, events go to their subscriptions, and
 * after a close that allows it a new socket takes over, with jitter so that a thousand tabs do not
 * return at once.
 */
export class Link {
  readonly #url: string;
  readonly #open: WebSocketConstructor;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #pending = new Map<number, Pending>();
  /** Commands that wait for a socket. */
  #queue: { id: number; text: string }[] = [];
  #socket: WebSocketLike | null = null;
  #lastId = 0;
  #failures = 0;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Told of each connection and each loss, with the reason. */
  onState: ((state: 'open' | 'lost', reason: string) => void) | null = null;

  constructor(url: string, open: WebSocketConstructor) {
    this.#url = url;
    this.#open = open;
    this.#connect();
  }

  #connect(): void {
    const socket = new this.#open(this.#url, [PROTOCOL]);
    this.#socket = socket;
    socket.onopen = () => this.#onOpen();
    socket.onmessage = ({ data }) => this.#onMessage(String(data));
    socket.onclose = ({ code, reason }) => this.#onClose(code, reason);
    // A close always follows, and says more.
    socket.onerror = () => {};
  }

  #onOpen(): void {
    this.#failures = 0;
    this.onState?.('open', '');
    for (const subscription of this.#subscriptions.values()) this.#subscribe(subscription);
    const queue = this.#queue;
    this.#queue = [];
    for (const { text } of queue) this.#socket!.send(text);
  }

  #onMessage(text: string): void {
    const message = JSON.parse(text) as { type: string; id?: number; sub?: number };
    const pending = message.id == null ? undefined : this.#pending.get(message.id);
    if (pending !== undefined) {
      this.#pending.delete(message.id!);
      if (message.type === 'ok') pending.resolve(message as never);
      else pending.reject(errorOf(message as never));
      return;
    }
    if (message.sub !== undefined) this.#subscriptions.get(message.sub)?.onEvent(message as never);
  }

  #onClose(code: number, text: string): void {
    this.#socket = null;
    const { reason, retry } = closeReason(code, text);
    const error = new GatewayError(`closed_${code}`, `connection closed: ${reason}`, retry);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#queue = [];
    this.onState?.('lost', reason);
    if (this.#closed) return;
    if (!retry) {
      for (const subscription of this.#subscriptions.values()) subscription.fail(error);
      return;
    }
    const base = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++);
    this.#timer = setTimeout(() => this.#connect(), base * (0.5 + Math.random()));
  }

  add(subscription: Subscription): void {
    this.#subscriptions.set(subscription.id, subscription);
    if (this.#socket?.readyState === OPEN) this.#subscribe(subscription);
  }

  #subscribe(subscription: Subscription): void {
    this.request(subscription.command()).then(
      (answer) => subscription.onAnswer(answer as never),
      (error: GatewayError) => {
        if (!error.retry) subscription.fail(error);
      },
    );
  }

  async drop(subscription: Subscription): Promise<void> {
    if (!this.#subscriptions.delete(subscription.id)) return;
    this.tell({ type: 'unsubscribe', sub: subscription.id });
  }

  /** Resolves with the answer; rejects when the server says no or the socket is lost. */
  request(command: object): Promise<unknown> {
    if (this.#closed)
      return Promise.reject(new GatewayError('closed', 'this client is closed', false));
    const id = ++this.#lastId;
    const text = JSON.stringify({ ...command, id });
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { command, resolve: resolve as (answer: never) => void, reject });
      if (this.#socket?.readyState === OPEN) this.#socket.send(text);
      else this.#queue.push({ id, text });
    });
  }

  /** For what needs no answer and makes no sense on another socket. */
  tell(command: object): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(command));
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#socket?.close(1000);
    for (const subscription of this.#subscriptions.values()) void subscription.close();
  }
}

function errorOf(message: { code: string; message: string; retry: boolean }): GatewayError {
  return new GatewayError(message.code, message.message, message.retry);
}

/** Ours say whether to come back; without a word from the server it is worth a try. */
function closeReason(code: number, text: string): { reason: string; retry: boolean } {
  try {
    const { reason, retry } = JSON.parse(text) as { reason?: string; retry?: boolean };
    return { reason: reason ?? `code ${code}`, retry: retry ?? true };
  } catch {
    // Not ours: a proxy, the network, or the browser closed it.
    return { reason: text === '' ? `code ${code}` : text, retry: true };
  }
}
