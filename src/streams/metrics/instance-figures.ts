import type { DroppedRecords } from './dropped-records.ts';
import type { MeteredTask } from './metered-task.ts';

/** A node of the topology, over all tasks of this instance. Totals: rates are their differences. */
export interface NodeFigures {
  readonly subtopology: string;
  readonly name: string;
  readonly kind: string;
  taken: number;
  /** Of a source: how many records it is behind; null of other nodes. */
  lag: number | null;
  late: number;
  dropped: number;
}

export interface TaskFigures {
  readonly name: string;
  readonly state: 'running' | 'restoring' | 'standby';
  readonly processed: number;
  readonly lag: number;
  readonly buffered: number;
  readonly late: number;
  readonly dropped: number;
  /** Rows that were restored, and offsets of changelogs that are yet to be. */
  readonly restored: number;
  readonly remaining: number;
  /** Rows in its stores. */
  readonly rows: number;
}

/** What the page shows of an instance. */
export interface InstanceFigures {
  readonly nodes: readonly NodeFigures[];
  readonly tasks: readonly TaskFigures[];
}

export function instanceFigures(
  tasks: readonly MeteredTask[],
  dropped: DroppedRecords,
): InstanceFigures {
  const nodes = new Map<string, NodeFigures>();
  const byName = tasks.toSorted((one, other) => compareTasks(one.name, other.name));
  for (const task of byName) addNodes(nodes, task, dropped);
  return { nodes: [...nodes.values()], tasks: byName.map((task) => taskFigures(task, dropped)) };
}

/** What several threads show, as one: the same node is in all of them. */
export function joinFigures(parts: readonly InstanceFigures[]): InstanceFigures {
  const nodes = new Map<string, NodeFigures>();
  for (const part of parts.flatMap((each) => each.nodes)) {
    const id = `${part.subtopology}/${part.name}`;
    const known = nodes.get(id);
    if (known === undefined) {
      nodes.set(id, { ...part });
      continue;
    }
    known.taken += part.taken;
    known.late += part.late;
    known.dropped += part.dropped;
    if (part.lag !== null) known.lag = (known.lag ?? 0) + part.lag;
  }
  const tasks = parts.flatMap((each) => each.tasks);
  return {
    nodes: [...nodes.values()],
    tasks: tasks.toSorted((one, other) => compareTasks(one.name, other.name)),
  };
}

function addNodes(
  nodes: Map<string, NodeFigures>,
  { name: task, meter, lags }: MeteredTask,
  dropped: DroppedRecords,
): void {
  const subtopology = task.split('_')[0]!;
  for (const { node: name, kind, taken } of meter?.nodes ?? []) {
    const id = `${subtopology}/${name}`;
    let figures = nodes.get(id);
    if (figures === undefined) {
      figures = { subtopology, name, kind, taken: 0, lag: null, late: 0, dropped: 0 };
      nodes.set(id, figures);
    }
    const { late, all } = dropped.at(task, name);
    figures.taken += taken;
    figures.late += late;
    figures.dropped += all;
    for (const each of lags) {
      if (each.node === name) figures.lag = (figures.lag ?? 0) + Math.max(each.lag, 0);
    }
  }
}

function taskFigures(task: MeteredTask, dropped: DroppedRecords): TaskFigures {
  const { name, isStandby, isRunning, meter, buffered, lags, restored, stores } = task;
  const { late, all } = dropped.of(name);
  return {
    name,
    state: isStandby ? 'standby' : isRunning ? 'running' : 'restoring',
    processed: meter?.processed ?? 0,
    lag: lags.reduce((sum, { lag }) => sum + Math.max(lag, 0), 0),
    buffered,
    late,
    dropped: all,
    restored: restored.rows,
    remaining: Math.max(restored.remaining, 0),
    rows: stores.reduce((sum, { rows }) => sum + rows, 0),
  };
}

/** By number of sub-topology and partition. */
function compareTasks(one: string, other: string): number {
  const [oneId = 0, onePartition = 0] = one.split('_').map(Number);
  const [otherId = 0, otherPartition = 0] = other.split('_').map(Number);
  return oneId - otherId || onePartition - otherPartition;
}
