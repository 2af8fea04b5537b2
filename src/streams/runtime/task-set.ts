import type { CommittedOffset } from '../../client/consumer/offsets/group-offsets.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import { readsTopic, sourcesOf } from '../tasks/partition-counts.ts';
import { Task } from '../tasks/task.ts';
import type { TaskEnvironment } from '../tasks/task-environment.ts';
import type { TaskPace } from '../tasks/task-pace.ts';
import { parseTaskId, type TaskId, taskIdText } from '../topology/task-id.ts';
import type { SubtopologyPlan, TopologyPlan } from '../topology/topology-plan.ts';
import { LiveTask } from './live-task.ts';
import type { Restorer } from './restorer.ts';
import { StandbySet } from './standby-set.ts';

/** What the tasks of an instance are made of. */
export interface TaskSetParts {
  readonly plan: TopologyPlan;
  readonly environment: TaskEnvironment;
  readonly restorer: Restorer;
  readonly pace: TaskPace;
}

/** The tasks of this instance: made of the partitions that the group gives it. */
export class TaskSet {
  readonly standbys: StandbySet;
  readonly #parts: TaskSetParts;
  readonly #tasks = new Map<string, LiveTask>();

  constructor(parts: TaskSetParts) {
    this.#parts = parts;
    this.standbys = new StandbySet((name) => this.#makeCopy(name), parts.restorer);
  }

  /** All that run or are being restored to run. Copies are in `standbys`. */
  all(): IterableIterator<LiveTask> {
    return this.#tasks.values();
  }

  /** How many records those that are here have processed. */
  get processed(): number {
    let sum = 0;
    for (const { task } of this.#tasks.values()) sum += task.meter.processed;
    return sum;
  }

  get isRestoring(): boolean {
    for (const { isRunning } of this.#tasks.values()) if (!isRunning) return true;
    return false;
  }

  /** Makes tasks, or takes their copies, and restores what their stores lack. */
  async add(
    partitions: readonly TopicPartition[],
    found: readonly CommittedOffset[],
  ): Promise<void> {
    const { restorer } = this.#parts;
    const committed = new Map(found.map((each) => [partitionName(each), each]));
    const sourceEnd = (at: TopicPartition) => committed.get(partitionName(at))?.offset ?? 0;
    const added = Array.from(this.#byTask(partitions), ({ plan, partition, list }) => {
      const taskId = { subtopology: plan.id, partition };
      const live = this.standbys.take(taskIdText(taskId)) ?? this.#make(taskId, plan);
      live.give(list, committed);
      this.#tasks.set(live.name, live);
      return live;
    });
    const begun = await Promise.allSettled(added.map((live) => restorer.begin(live, sourceEnd)));
    for (const each of begun) if (each.status === 'rejected') throw each.reason;
  }

  /** Starts those whose stores are restored. True where one was. */
  startRestored(): boolean {
    let hasStarted = false;
    for (const live of this.#tasks.values()) {
      if (live.isRunning || this.#parts.restorer.restores(live)) continue;
      live.start();
      hasStarted = true;
    }
    return hasStarted;
  }

  /** Those that read any of the partitions. */
  reading(partitions: readonly TopicPartition[]): LiveTask[] {
    const names = new Set(partitions.map(partitionName));
    return [...this.#tasks.values()].filter((live) => live.reads(names));
  }

  remove(lives: Iterable<LiveTask>): void {
    for (const live of [...lives]) {
      this.#tasks.delete(live.name);
      this.#parts.restorer.end(live);
      live.close();
    }
  }

  #make(taskId: TaskId, plan: SubtopologyPlan): LiveTask {
    const { environment, pace } = this.#parts;
    const onClosed = () => environment.leaveDirectory?.(taskId);
    return new LiveTask(new Task(taskId, plan, environment, pace), onClosed);
  }

  /** Of what runs here there is no copy. */
  #makeCopy(name: string): LiveTask | undefined {
    const taskId = parseTaskId(name);
    const plan = this.#parts.plan.subtopologies.find(({ id }) => id === taskId?.subtopology);
    const hasState = plan?.stores.some(({ changelog }) => changelog !== undefined) === true;
    if (taskId === undefined || !hasState || this.#tasks.has(name)) return undefined;
    return this.#make(taskId, plan);
  }

  #byTask(partitions: readonly TopicPartition[]) {
    const tasks = new Map<
      string,
      { plan: SubtopologyPlan; partition: number; list: TopicPartition[] }
    >();
    for (const at of partitions) {
      const plan = this.#planOf(at.topic);
      if (plan === undefined) continue;
      const name = taskIdText({ subtopology: plan.id, partition: at.partition });
      const known = tasks.get(name);
      if (known === undefined) tasks.set(name, { plan, partition: at.partition, list: [at] });
      else known.list.push(at);
    }
    return tasks.values();
  }

  #planOf(topic: string): SubtopologyPlan | undefined {
    const { plan, environment } = this.#parts;
    const { applicationId } = environment;
    return plan.subtopologies.find((each) => {
      return sourcesOf(each).some((source) => readsTopic(source, topic, applicationId));
    });
  }
}
