import { inBackground } from '../../base/in-background.ts';
import type { ClientRights } from '../../front/requests/client-rights.ts';
import { type Identity, NOBODY } from '../access/identity.ts';
import { CLOSE } from '../command/close-code.ts';
import { CommandError } from '../command/command-error.ts';
import { Fields, isObject } from '../command/fields.ts';
import { hello } from '../command/hello.ts';
import type { GroupMember } from '../group/group-member.ts';
import type { Cursor } from '../stream/cursor.ts';
import type { Frame } from '../stream/frame.ts';
import type { Gap } from '../stream/position.ts';
import { encodeToken } from '../stream/position-token.ts';
import type { Sink } from '../stream/sink.ts';
import type { Subscription, SubscriptionOwner } from '../stream/subscription.ts';
import { commands } from './commands.ts';
import type { Peer, PeerHandler } from './peer.ts';
import { produceFrame } from './produce-commands.ts';
import type { SessionServices } from './session-services.ts';

type Id = string | number | null;
export type Answer = Readonly<Record<string, unknown>> | undefined;

/** A subscription of a session, and the work that is under way for it. */
export interface HeldSubscription {
  readonly subscription: Subscription;
  /** Ends the subscription and its membership in a group. */
  end(): void;
  readonly group?: GroupMember;
  /** The subscribe or seek that is under way. The next one waits for it. */
  moving: Promise<Answer> | null;
  ack?(fields: Fields): Promise<Answer>;
}

/**
 * One socket of `millrace.json` or `millrace.batch`. Commands come in; answers, events and records
 * go out.
 */
export class Session implements PeerHandler, Sink, SubscriptionOwner {
  readonly services: SessionServices;
  readonly isBatch: boolean;
  readonly held = new Map<number, HeldSubscription>();
  /** The produced bytes that are not answered yet. */
  inFlightBytes = 0;
  readonly #peer: Peer;
  #rights: ClientRights;

  constructor(peer: Peer, services: SessionServices, isBatch: boolean) {
    this.#peer = peer;
    this.services = services;
    this.isBatch = isBatch;
    this.#rights = this.#rightsOf(peer.identity ?? NOBODY);
    this.#hold(peer.identity ?? NOBODY);
    this.sendEvent(hello(services.front));
  }

  get clientAddress(): string {
    return this.#peer.remoteAddress;
  }

  get closed(): boolean {
    return this.#peer.closed;
  }

  /** What the client may do. */
  get rights(): ClientRights {
    return this.#rights;
  }

  #rightsOf({ principal }: Identity): ClientRights {
    return this.services.front.rights.of(principal, this.#peer.remoteAddress);
  }

  get isIdentified(): boolean {
    return this.#peer.identity !== null;
  }

  /** The client has shown who it is. */
  identify(identity: Identity): void {
    this.#peer.identity = identity;
    this.#rights = this.#rightsOf(identity);
    this.#hold(identity);
  }

  #hold({ principal }: Identity): void {
    this.#peer.throttle = this.services.front.throttling.of(principal);
  }

  /** Counts records that the client produced. Answers how long it waits for the answer. */
  produced(bytes: number): number {
    return this.#peer.throttle?.produced(bytes) ?? 0;
  }

  /** Ends the subscriptions to what the client may not read any more. */
  onRightsChanged(): void {
    for (const [sub, { subscription }] of this.held) {
      const lost = subscription
        .positions()
        .find(({ topic }) => !this.#rights.allows('READ', 'TOPIC', topic));
      if (lost === undefined) continue;
      const token = encodeToken(subscription.positions(), subscription.stream);
      this.drop(sub);
      const message = `topic ${lost.topic} may not be read any more`;
      this.sendEvent({ type: 'ended', sub, code: 'forbidden', message, retry: false, token });
    }
  }

  get hasRoom(): boolean {
    return this.#peer.hasRoom;
  }

  get remoteAddress(): string {
    return this.#peer.remoteAddress;
  }

  sendFrame(frame: Frame): void {
    this.#peer.sendRecords(frame.bytes, frame.isBinary);
  }

  sendEvent(event: object): void {
    this.#peer.send(JSON.stringify(event));
  }

  onMessage(message: ArrayBuffer, isBinary: boolean): void {
    const bytes = Buffer.from(message);
    if (!isBinary) {
      this.#onCommand(bytes.toString());
      return;
    }
    if (!this.isBatch) {
      this.#peer.close(CLOSE.NOT_SUPPORTED, 'millrace.json takes no binary messages');
      return;
    }
    let id: Id = null;
    this.#run(
      () => {
        this.#identified();
        return produceFrame(this, bytes, (known) => {
          id = known;
        });
      },
      () => id,
    );
  }

  /** Throws where the client must say first who it is. */
  #identified(): void {
    if (this.isIdentified) return;
    throw new CommandError('unauthenticated', 'say who you are first, with the command auth');
  }

  #onCommand(text: string): void {
    let id: Id = null;
    this.#run(
      () => {
        const object = parsedObject(text);
        const given = object.id;
        if (typeof given === 'string' || typeof given === 'number') id = given;
        const fields = new Fields(object);
        const name = fields.text('type') ?? '';
        const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
        if (command === undefined) {
          const known = Object.keys(commands).join(', ');
          throw new CommandError('unknown_command', `type must be one of ${known}`, 'type');
        }
        if (name !== 'auth' && name !== 'ping') this.#identified();
        return command(this, fields);
      },
      () => id,
    );
  }

  #run(command: () => Answer | Promise<Answer>, idOf: () => Id): void {
    try {
      const answer = command();
      if (answer instanceof Promise) {
        const answered = answer.then((later) => this.#answer(idOf(), later));
        inBackground(answered, (thrown) => this.#refuse(idOf(), thrown));
      } else {
        this.#answer(idOf(), answer);
      }
    } catch (thrown) {
      this.#refuse(idOf(), thrown);
    }
  }

  #answer(id: Id, answer: Answer): void {
    if (id !== null && answer !== undefined) this.sendEvent({ type: 'ok', id, ...answer });
  }

  #refuse(id: Id, thrown: unknown): void {
    const error = thrown instanceof CommandError ? thrown : this.#defect(thrown);
    const { code, message, field, retry } = error;
    const named = field === '' ? {} : { field };
    this.sendEvent({ type: 'error', id, code, message, ...named, retry, ...error.details });
  }

  #defect(thrown: unknown): CommandError {
    const { faults, clock } = this.services.front;
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    faults.warn('gateway command', `a WebSocket command failed: ${text}`, clock.monotonicMs());
    return new CommandError('internal', 'the command failed inside the broker: see its log');
  }

  find(fields: Fields): HeldSubscription {
    const sub = fields.requiredInteger('sub', 1, 2 ** 32 - 1);
    const held = this.held.get(sub);
    if (held !== undefined) return held;
    throw new CommandError('unknown_subscription', `there is no subscription ${sub}`, 'sub');
  }

  holdsInstance(groupId: string, instanceId: string): boolean {
    for (const { group } of this.held.values()) {
      if (group?.groupId === groupId && group.instanceId === instanceId) return true;
    }
    return false;
  }

  holdsMember(groupId: string, memberId: string): boolean {
    for (const { group } of this.held.values()) {
      if (group?.groupId === groupId && group.memberId === memberId) return true;
    }
    return false;
  }

  /** Ends a subscription, whichever side asked for it. */
  drop(sub: number): void {
    const held = this.held.get(sub);
    this.held.delete(sub);
    held?.end();
  }

  onGap({ sub }: Subscription, gap: Gap): void {
    this.sendEvent({ type: 'gap', sub, ...gap });
  }

  onBehind(subscription: Subscription, cursor: Cursor): void {
    const { sub, policy } = subscription;
    const { topic, index } = cursor.feed.mirror;
    const message = `${topic}-${index} is over ${policy.behind} records behind`;
    const token = encodeToken(subscription.positions(), subscription.stream);
    this.drop(sub);
    this.sendEvent({ type: 'ended', sub, code: 'behind', message, retry: true, token });
  }

  onRoom(): void {
    for (const { subscription } of this.held.values()) subscription.resume();
  }

  onClosed(): void {
    for (const sub of [...this.held.keys()]) this.drop(sub);
  }
}

function parsedObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new CommandError(
      'bad_json',
      `a frame must be a JSON object: ${(thrown as Error).message}`,
    );
  }
  if (!isObject(value)) throw new CommandError('bad_json', 'a frame must be a JSON object');
  return value;
}
