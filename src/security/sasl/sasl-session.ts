import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import type { SaslListenerLimits } from './sasl-listener.ts';
import type { SaslMechanism, SaslServer, SaslStep } from './sasl-server.ts';

type SaslState =
  | 'new'
  /** ApiVersions was answered: a mechanism comes next. */
  | 'told-versions'
  | 'tokens'
  /** After SaslHandshake v0 the frames are the tokens, without request headers. */
  | 'raw-tokens'
  /** It asks to go on with another mechanism than it began with. Its next token is refused. */
  | 'other-mechanism'
  | 'done'
  | 'failed';

export type SaslOutcome =
  | { readonly kind: 'challenge'; readonly bytes: Buffer }
  /** `lifetimeMs` is 0 where the session does not end. */
  | { readonly kind: 'done'; readonly bytes: Buffer; readonly lifetimeMs: number }
  /** `isSilent` where the client gets no answer but the end of its connection. */
  | { readonly kind: 'failed'; readonly message: string; readonly isSilent: boolean };

const REAUTHENTICATION_MS_MIN = 1000;

/** How far the client of one connection has authenticated. */
export class SaslSession {
  readonly limits: SaslListenerLimits;
  /** Who the client is, once it is done. */
  user = '';
  mechanism = '';
  /** The delegation token that the client showed; '' for none. */
  tokenId = '';
  /** Monotonic time after which the client must have authenticated again. */
  endsMs = Number.POSITIVE_INFINITY;
  /** When the authentication that is under way began. */
  startedMs: number;
  readonly #mechanisms: ReadonlyMap<string, SaslMechanism>;
  readonly #clock: Clock;
  #state: SaslState = 'new';
  #server: SaslServer | null = null;
  #restartedMs = Number.NEGATIVE_INFINITY;
  #otherMechanism = '';

  constructor(
    mechanisms: ReadonlyMap<string, SaslMechanism>,
    limits: SaslListenerLimits,
    clock: Clock,
  ) {
    this.#mechanisms = mechanisms;
    this.limits = limits;
    this.#clock = clock;
    this.startedMs = clock.monotonicMs();
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  get isByToken(): boolean {
    return this.tokenId !== '';
  }

  get takesRawTokens(): boolean {
    return this.#state === 'raw-tokens';
  }

  get mayAskVersions(): boolean {
    return this.#state === 'new';
  }

  get mayShakeHands(): boolean {
    return this.#state === 'new' || this.#state === 'told-versions';
  }

  get maySendTokens(): boolean {
    return this.#state === 'tokens' || this.#state === 'other-mechanism';
  }

  get mechanismNames(): string[] {
    return [...this.#mechanisms.keys()];
  }

  /** Whether it is over, so that the client must authenticate again first. */
  get isOver(): boolean {
    return this.endsMs !== Number.POSITIVE_INFINITY && this.#clock.monotonicMs() > this.endsMs;
  }

  onVersionsTold(): void {
    if (this.#state === 'new') this.#state = 'told-versions';
  }

  /** False, and the end of the session, where the mechanism is not offered. */
  choose(name: string, hasRequests: boolean): boolean {
    assert(this.mayShakeHands, 'a mechanism is chosen once');
    const mechanism = this.#mechanisms.get(name);
    if (mechanism === undefined) {
      this.#state = 'failed';
      return false;
    }
    if (this.#isAgain && name !== this.mechanism) {
      this.#state = 'other-mechanism';
      this.#otherMechanism = name;
      return true;
    }
    this.mechanism = name;
    this.#server = mechanism.open();
    this.#state = hasRequests ? 'tokens' : 'raw-tokens';
    return true;
  }

  get #isAgain(): boolean {
    return this.user !== '';
  }

  /** The client broke the order of requests. */
  fail(): void {
    this.#state = 'failed';
    this.#server = null;
  }

  answer(token: Buffer): SaslOutcome | Promise<SaslOutcome> {
    if (this.#state === 'other-mechanism') {
      const asked = `SASL mechanism '${this.#otherMechanism}' requested by client`;
      const why = `is not supported for re-authentication of mechanism '${this.mechanism}'`;
      return this.#failed(`${asked} ${why}`, true);
    }
    const isRaw = this.#state === 'raw-tokens';
    const step = this.#server!.answer(token);
    if (step instanceof Promise) return step.then((each) => this.#take(each, isRaw));
    return this.#take(step, isRaw);
  }

  #take(step: SaslStep, isRaw: boolean): SaslOutcome {
    if (step.kind === 'challenge') return step;
    if (step.kind === 'failed') return this.#failed(step.message ?? this.#notValid(), isRaw);
    if (this.#isAgain && step.user !== this.user) {
      const users = `User.${this.user}: User.${step.user}`;
      return this.#failed(`Cannot change principals during re-authentication from ${users}`, isRaw);
    }
    this.#state = 'done';
    this.#server = null;
    this.user = step.user;
    this.tokenId = step.tokenId ?? '';
    const lifetimeMs = this.#startLife(step.credentialEndsMs);
    return { kind: 'done', bytes: step.bytes, lifetimeMs };
  }

  #failed(message: string, isSilent: boolean): SaslOutcome {
    this.fail();
    return { kind: 'failed', message, isSilent };
  }

  /** Kafka's words for whatever is wrong with the credentials: they tell nothing of the user. */
  #notValid(): string {
    const during = this.#isAgain ? 're-authentication' : 'authentication';
    const why = `due to invalid credentials with SASL mechanism ${this.mechanism}`;
    return `Authentication failed during ${during} ${why}`;
  }

  #startLife(credentialEndsMs: number | null): number {
    const { sessionMsMax } = this.#mechanisms.get(this.mechanism)!;
    const lifetimes: number[] = sessionMsMax > 0 ? [sessionMsMax] : [];
    if (credentialEndsMs !== null) lifetimes.push(credentialEndsMs - this.#clock.wallMs());
    this.endsMs = Number.POSITIVE_INFINITY;
    if (lifetimes.length === 0) return 0;
    const lifetimeMs = Math.max(0, Math.floor(Math.min(...lifetimes)));
    this.endsMs = this.#clock.monotonicMs() + lifetimeMs;
    return lifetimeMs;
  }

  /**
   * Begins another authentication. False where the session has no end, or where the last one
   * began less than a second ago.
   */
  restart(): boolean {
    assert(this.isDone, 'only an authenticated client authenticates again');
    const nowMs = this.#clock.monotonicMs();
    if (this.endsMs === Number.POSITIVE_INFINITY) return false;
    if (nowMs - this.#restartedMs < REAUTHENTICATION_MS_MIN) return false;
    this.#restartedMs = nowMs;
    this.startedMs = nowMs;
    this.#state = 'told-versions';
    return true;
  }

  /** The credential is gone: the next request ends the connection. */
  revoke(): void {
    this.endsMs = Number.NEGATIVE_INFINITY;
  }
}
