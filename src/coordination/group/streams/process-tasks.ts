import type { EpochTasks, OwnedTasks, Tasks } from './tasks.ts';

/** Which processes have which tasks, including those that they have not given up yet. */
export class ProcessTasks {
  readonly #active = new Map<string, Map<number, string>>();
  readonly #standby = new HolderTable();
  readonly #warmup = new HolderTable();

  add({ active, standby, warmup }: OwnedTasks, processId: string): void {
    for (const [id, epochs] of active) {
      let owners = this.#active.get(id);
      if (owners === undefined) {
        owners = new Map();
        this.#active.set(id, owners);
      }
      for (const partition of epochs.keys()) owners.set(partition, processId);
    }
    this.#standby.add(standby, processId);
    this.#warmup.add(warmup, processId);
  }

  remove({ active, standby, warmup }: OwnedTasks, processId: string): void {
    this.#removeActive(active, processId);
    this.#standby.remove(standby, processId);
    this.#warmup.remove(warmup, processId);
  }

  /** The process that works on a task. */
  activeOwner(subtopologyId: string, partition: number): string | undefined {
    return this.#active.get(subtopologyId)?.get(partition);
  }

  /** Whether the process follows a task. */
  follows(processId: string, subtopologyId: string, partition: number): boolean {
    return (
      this.#standby.has(subtopologyId, partition, processId) ||
      this.#warmup.has(subtopologyId, partition, processId)
    );
  }

  #removeActive(active: EpochTasks, processId: string): void {
    for (const [id, epochs] of active) {
      const owners = this.#active.get(id);
      if (owners === undefined) continue;
      for (const partition of epochs.keys()) {
        if (owners.get(partition) === processId) owners.delete(partition);
      }
      if (owners.size === 0) this.#active.delete(id);
    }
  }
}

/** Processes by subtopology and partition. No level is ever empty. */
class HolderTable {
  readonly #holders = new Map<string, Map<number, Set<string>>>();

  add(tasks: Tasks, processId: string): void {
    for (const [id, partitions] of tasks) {
      let holders = this.#holders.get(id);
      if (holders === undefined) {
        holders = new Map();
        this.#holders.set(id, holders);
      }
      for (const partition of partitions) {
        const known = holders.get(partition);
        if (known === undefined) holders.set(partition, new Set([processId]));
        else known.add(processId);
      }
    }
  }

  remove(tasks: Tasks, processId: string): void {
    for (const [id, partitions] of tasks) {
      const holders = this.#holders.get(id);
      if (holders === undefined) continue;
      for (const partition of partitions) {
        const known = holders.get(partition);
        known?.delete(processId);
        if (known?.size === 0) holders.delete(partition);
      }
      if (holders.size === 0) this.#holders.delete(id);
    }
  }

  has(subtopologyId: string, partition: number, processId: string): boolean {
    return this.#holders.get(subtopologyId)?.get(partition)?.has(processId) ?? false;
  }
}
