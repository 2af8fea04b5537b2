/**
 * Instances of an application come and go every second, beside one that stays: they are started,
 * stopped, or killed, whether or not they have their tasks yet.
 */
import { StreamsRun } from './streams-run.mjs';

const EVERY_MS = 1_000;

export class StreamsComingsRun extends StreamsRun {
  static instances = ['stays', 'first', 'second', 'third'];
  #leaving = new Set();
  #nextMs = 0;

  constructor(options) {
    super(options);
    Object.assign(this.figures, { starts: 0, stops: 0, kills: 0 });
  }

  async round() {
    const [stays, ...others] = this.instances;
    if (!stays.isUp) await stays.start();
    const free = others.filter((each) => !this.#leaving.has(each));
    const what = free.length === 0 ? 'all are leaving' : this.#disturb(this.draw(...free));
    this.#nextMs = Math.max(this.#nextMs + EVERY_MS, performance.now());
    await this.pause(this.#nextMs - performance.now());
    return what;
  }

  /** Whoever is stopped may not have its tasks yet. */
  #disturb(instance) {
    if (!instance.isUp) {
      this.figures.starts++;
      this.inBackground(instance.start());
      return 'start';
    }
    const isKill = this.random() < 0.25;
    this.figures[isKill ? 'kills' : 'stops']++;
    this.#leaving.add(instance);
    const ending = isKill ? instance.kill() : instance.stop();
    this.inBackground(ending.finally(() => this.#leaving.delete(instance)));
    return isKill ? 'kill' : 'stop';
  }
}
