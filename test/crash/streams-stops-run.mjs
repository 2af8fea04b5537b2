/**
 * Stops one of two instances (SIGSTOP), mostly for longer than its session, while the other takes its
 * tasks over; then it goes on (SIGCONT), and must not write over what the other has done.
 */
import { StreamsRun } from './streams-run.mjs';

const RUN_MS_MIN = 200;
const RUN_MS_SPREAD = 1_000;

export class StreamsStopsRun extends StreamsRun {
  static sessionMs = 2_000;

  constructor(options) {
    super(options);
    Object.assign(this.figures, { stops: 0, pastSession: 0, bothPastSession: 0 });
  }

  async round() {
    const { sessionMs } = this.constructor;
    for (const instance of this.instances) if (!instance.isUp) await instance.start();
    await this.#runOn();
    const [one, other] = this.random() < 0.5 ? this.instances : this.instances.toReversed();
    const stopMs = sessionMs * (0.5 + this.random() * 2);
    const both = this.random() < 0.2;
    one.signal('SIGSTOP');
    if (both) other.signal('SIGSTOP');
    await this.pause(stopMs);
    one.signal('SIGCONT');
    if (both) other.signal('SIGCONT');
    this.figures.stops++;
    if (stopMs > sessionMs) this.figures[both ? 'bothPastSession' : 'pastSession']++;
    await this.#runOn();
    await this.judge.look();
    return `${both ? 'both stop' : 'one stops'} for ${Math.round(stopMs)} ms`;
  }

  async #runOn() {
    await this.pause(RUN_MS_MIN + this.random() * RUN_MS_SPREAD);
  }
}
