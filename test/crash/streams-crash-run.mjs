/**
 * Kills applications of millrace/streams, the broker, or both, again and again, at random moments
 * and at named places. Of Apache Kafka as the broker only the applications are killed.
 */
import { StreamsRun } from './streams-run.mjs';

const RUN_MS_MIN = 50;
const RUN_MS_SPREAD = 450;
const POINT_MS = 1_500;

/** Each with how often it may be passed first, and what a round needs to come to it. */
export const FAIL_POINTS = [
  ['streams-before-end', 8],
  ['streams-after-end', 8],
  ['streams-before-local-log', 30],
  ['streams-after-local-log', 30],
  ['streams-snapshot-part', 3],
  ['streams-snapshot-named', 2],
  ['streams-restoring', 3, 'state'],
  ['streams-assigned', 2, 'rebalance'],
  ['streams-revoked', 1, 'rebalance'],
];

export class StreamsCrashRun extends StreamsRun {
  constructor(options) {
    super(options);
    Object.assign(this.figures, { kills: {}, hits: {} });
  }

  /** A kill at a named place every second time, else at a random moment. */
  async round(round) {
    const kind = round % 2 === 0 ? this.draw(...this.#kinds) : 'point';
    if (kind === 'point') await this.#atPoint();
    else await this.#atRandom(kind);
    this.figures.kills[kind] = (this.figures.kills[kind] ?? 0) + 1;
    return kind;
  }

  get #kinds() {
    return this.Broker.hasFailPoints ? ['app', 'app', 'broker', 'both'] : ['app'];
  }

  async #atRandom(kind) {
    const [one, other] = this.instances;
    if (!one.isUp) await one.start();
    if (!other.isUp && this.random() < 0.3) await other.start();
    await this.pause(RUN_MS_MIN + this.random() * RUN_MS_SPREAD);
    const victims = kind === 'broker' ? [] : this.instances.filter(() => this.random() < 0.7);
    if (kind !== 'app') this.broker.signal('SIGKILL');
    for (const victim of victims) await victim.kill();
    if (kind === 'app') return;
    await this.broker.ended();
    await this.startBroker();
  }

  async #atPoint() {
    const [point, most, need] = this.draw(...FAIL_POINTS);
    const failPoint = `${point}:${1 + Math.floor(this.random() * most)}`;
    const [one, other] = this.random() < 0.5 ? this.instances : this.instances.toReversed();
    await one.kill();
    if (need === 'state') await one.loseState();
    if (need === 'rebalance') await other.kill();
    await one.start(failPoint);
    // The one that is armed gives tasks up, or gets them back.
    if (need === 'rebalance' && one.isUp) {
      await other.start();
      if (one.isUp && point === 'streams-assigned') await other.stop();
    }
    const hit = await Promise.race([one.ended, this.pause(POINT_MS)]);
    if (hit === 'SIGKILL') {
      this.figures.hits[point] = (this.figures.hits[point] ?? 0) + 1;
    } else await one.kill();
  }
}
