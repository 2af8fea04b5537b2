import type { MetricsRegistry, Read } from '../../client/metrics/metrics-registry.ts';
import type { Sensor } from '../../client/metrics/sensor.ts';
import { Growth } from './growth.ts';
import { THREAD_METRICS, UPDATER_METRICS } from './streams-metric-names.ts';
import type { ThreadMeter } from './thread-meter.ts';

const MS_PER_SECOND = 1000;
const NS_PER_MS = 1e6;
const THREAD_GROUP = 'stream-thread-metrics';
const UPDATER_GROUP = 'stream-state-updater-metrics';

/** How many tasks are in which state. */
export interface TaskCounts {
  readonly restoring: number;
  readonly standbys: number;
  /** Whether none of them goes on. */
  readonly arePaused: boolean;
}

/** The metrics of a thread: a loop that runs tasks. */
export class ThreadMetrics {
  readonly meter: ThreadMeter;
  readonly punctuations: Sensor;
  readonly created: Sensor;
  readonly closed: Sensor;
  readonly #registry: MetricsRegistry;
  readonly #polls: Sensor;
  readonly #pollRecords: Sensor;
  readonly #turns: Sensor;
  readonly #turnRecords: Sensor;
  readonly #recordTimes: Sensor;
  readonly #commits: Sensor;
  readonly #restores: Sensor;
  readonly #updates: Sensor;
  readonly #checkpoints: Sensor;
  readonly #assigned: Sensor;
  readonly #revoked: Sensor;
  readonly #lost: Sensor;
  readonly #rows: Growth;
  #counts: TaskCounts = { restoring: 0, standbys: 0, arePaused: false };

  constructor(registry: MetricsRegistry, meter: ThreadMeter, thread: string, state: () => number) {
    this.#registry = registry;
    this.meter = meter;
    this.punctuations = registry.sensor();
    this.created = registry.sensor();
    this.closed = registry.sensor();
    this.#polls = registry.sensor();
    this.#pollRecords = registry.sensor();
    this.#turns = registry.sensor();
    this.#turnRecords = registry.sensor();
    this.#recordTimes = registry.sensor();
    this.#commits = registry.sensor();
    this.#restores = registry.sensor();
    this.#updates = registry.sensor();
    this.#checkpoints = registry.sensor();
    this.#assigned = registry.sensor();
    this.#revoked = registry.sensor();
    this.#lost = registry.sensor();
    this.#rows = new Growth(registry);
    this.#register(thread, state);
  }

  /** `rows`: all that were read from changelogs since the start. */
  sample(rows: number, counts: TaskCounts, nowMs: number): void {
    const { meter } = this;
    meter.polls.moveTo(this.#polls, nowMs);
    meter.pollRecords.moveTo(this.#pollRecords, nowMs);
    meter.turns.moveTo(this.#turns, nowMs);
    meter.turnRecords.moveTo(this.#turnRecords, nowMs);
    meter.recordTimes.moveTo(this.#recordTimes, nowMs);
    meter.commits.moveTo(this.#commits, nowMs);
    meter.restores.moveTo(this.#restores, nowMs);
    meter.updates.moveTo(this.#updates, nowMs);
    meter.checkpoints.moveTo(this.#checkpoints, nowMs);
    meter.assigned.moveTo(this.#assigned, nowMs);
    meter.revoked.moveTo(this.#revoked, nowMs);
    meter.lost.moveTo(this.#lost, nowMs);
    this.#rows.look(rows, nowMs);
    this.#counts = counts;
  }

  /** `state`: the number that Kafka has for it. */
  #register(thread: string, state: () => number): void {
    const tags = { 'thread-id': thread };
    const place = { scope: 'thread', id: thread, tags } as const;
    const turns = this.#turnRecords;
    this.#registry.register({ ...place, group: THREAD_GROUP }, THREAD_METRICS, {
      'thread-state': state,
      'thread-start-time': () => this.meter.startMs,
      ...extremes('process-latency', this.#recordTimes),
      ...extremes('process-records', turns),
      'process-rate': (nowMs) => turns.rate(nowMs),
      'process-total': () => turns.total,
      'process-ratio': shareOf(this.#turns),
      ...extremes('poll-latency', this.#polls),
      ...extremes('poll-records', this.#pollRecords),
      ...counted('poll', this.#polls),
      'poll-ratio': shareOf(this.#polls),
      ...extremes('commit-latency', this.#commits),
      ...counted('commit', this.#commits),
      'commit-ratio': shareOf(this.#commits),
      ...extremes('punctuate-latency', this.punctuations),
      ...counted('punctuate', this.punctuations),
      'punctuate-ratio': shareOf(this.punctuations),
      ...counted('task-created', this.created),
      ...counted('task-closed', this.closed),
      'blocked-time-ns-total': () => this.meter.blockedMs * NS_PER_MS,
      ...extremes('tasks-assigned-latency', this.#assigned),
      ...extremes('tasks-revoked-latency', this.#revoked),
      ...extremes('tasks-lost-latency', this.#lost),
    });
    this.#registry.register({ ...place, group: UPDATER_GROUP }, UPDATER_METRICS, {
      'active-restoring-tasks': () => (this.#counts.arePaused ? 0 : this.#counts.restoring),
      'standby-updating-tasks': () => (this.#counts.arePaused ? 0 : this.#counts.standbys),
      'active-paused-tasks': () => (this.#counts.arePaused ? this.#counts.restoring : 0),
      'standby-paused-tasks': () => (this.#counts.arePaused ? this.#counts.standbys : 0),
      'idle-ratio': (nowMs) => {
        const busy = [this.#restores, this.#updates, this.#checkpoints];
        return Math.max(1 - busy.reduce((sum, each) => sum + shareOf(each)(nowMs), 0), 0);
      },
      'checkpoint-ratio': shareOf(this.#checkpoints),
      'active-restore-ratio': shareOf(this.#restores),
      'standby-update-ratio': shareOf(this.#updates),
      'restore-records-rate': this.#rows.rate,
      'restore-call-rate': (nowMs) => {
        return this.#restores.countRate(nowMs) + this.#updates.countRate(nowMs);
      },
    });
  }
}

function extremes<Name extends string>(name: Name, sensor: Sensor) {
  return {
    [`${name}-avg`]: (nowMs: number) => sensor.avg(nowMs),
    [`${name}-max`]: (nowMs: number) => sensor.max(nowMs),
  } as Record<`${Name}-avg` | `${Name}-max`, Read>;
}

function counted<Name extends string>(name: Name, sensor: Sensor) {
  return {
    [`${name}-rate`]: (nowMs: number) => sensor.countRate(nowMs),
    [`${name}-total`]: () => sensor.count,
  } as Record<`${Name}-rate` | `${Name}-total`, Read>;
}

/** The sensor has the times of something in ms. */
function shareOf(sensor: Sensor): Read {
  return (nowMs) => Math.min(sensor.rate(nowMs) / MS_PER_SECOND, 1);
}
