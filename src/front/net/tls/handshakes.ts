import type { Socket } from 'node:net';
import type { Clock } from '../../../base/clock.ts';

/** Of all listeners. Each takes about 100 KB, and a processor can do no more in 100 ms. */
const MAX = 100;
/** One that takes longer is ended where others wait for its place. */
const PATIENCE_MS = 500;

/**
 * The peers whose handshake is under way, which are so many at most: those beyond wait in the
 * kernel. A handshake costs the broker much and the peer little, so that a flood of them would take
 * memory without end.
 */
export class Handshakes {
  readonly #clock: Clock;
  readonly #onRoom: () => void;
  /** When each began; the longest is first. */
  readonly #startedMs = new Map<Socket, number>();
  #timer: NodeJS.Timeout | null = null;

  /** `onRoom` is called when there is room again after `hasRoom` was false. */
  constructor(clock: Clock, onRoom: () => void) {
    this.#clock = clock;
    this.#onRoom = onRoom;
  }

  get count(): number {
    return this.#startedMs.size;
  }

  begin(socket: Socket): void {
    this.#startedMs.set(socket, this.#clock.monotonicMs());
  }

  end(socket: Socket): void {
    if (!this.#startedMs.delete(socket) || this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#onRoom();
  }

  hasRoom(): boolean {
    if (this.#startedMs.size < MAX) return true;
    const [socket, startedMs] = this.#startedMs.entries().next().value!;
    const leftMs = startedMs + PATIENCE_MS - this.#clock.monotonicMs();
    if (leftMs <= 0) {
      this.#startedMs.delete(socket);
      socket.destroy();
      return true;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#onRoom();
    }, leftMs);
    return false;
  }
}
