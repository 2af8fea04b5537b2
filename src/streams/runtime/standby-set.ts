import type { LiveTask } from './live-task.ts';
import type { Restorer } from './restorer.ts';

/** The tasks of which this instance keeps copies: standbys, and warm-ups of what it shall get. */
export class StandbySet {
  readonly #make: (name: string) => LiveTask | undefined;
  readonly #restorer: Restorer;
  readonly #lives = new Map<string, LiveTask>();
  /** Those whose changelogs are followed. */
  readonly #following = new Set<LiveTask>();

  /** `make` gives none where the topology has no such task, or it keeps no state. */
  constructor(make: (name: string) => LiveTask | undefined, restorer: Restorer) {
    this.#make = make;
    this.#restorer = restorer;
  }

  /**
   * The copies. Their stores may be read at any time, by `task.stores.get(name)`: they show what
   * their changelogs had up to `lagOf`, and only what is committed where the application writes
   * exactly once. They must not be written.
   */
  all(): IterableIterator<LiveTask> {
    return this.#lives.values();
  }

  has(name: string): boolean {
    return this.#lives.has(name);
  }

  /** How many changelog records the copy of a task is behind; -1 where that is not known. */
  lagOf(name: string): number {
    const live = this.#lives.get(name);
    return live === undefined ? -1 : this.#restorer.lagOf(live);
  }

  /** Reads what the directory has of tasks. Their changelogs are not followed yet. */
  open(names: Iterable<string>): void {
    for (const name of names) {
      const live = this.#lives.has(name) ? undefined : this.#make(name);
      if (live !== undefined) this.#lives.set(name, live);
    }
  }

  /** Keeps copies of these tasks and of no others, and follows their changelogs. */
  async keep(names: ReadonlySet<string>): Promise<void> {
    for (const [name, live] of this.#lives) if (!names.has(name)) this.#close(live);
    this.open(names);
    const unfollowed = [...this.#lives.values()].filter((live) => !this.#following.has(live));
    for (const live of unfollowed) this.#following.add(live);
    await Promise.all(unfollowed.map((live) => this.#restorer.follow(live)));
  }

  /** The copy becomes the task that runs; undefined where there is none. */
  take(name: string): LiveTask | undefined {
    const live = this.#lives.get(name);
    if (live === undefined) return undefined;
    this.#forget(live, 'promoted');
    return live;
  }

  close(): void {
    for (const live of [...this.#lives.values()]) this.#close(live);
  }

  #close(live: LiveTask): void {
    this.#forget(live, 'migrated');
    live.close();
  }

  #forget(live: LiveTask, reason: 'migrated' | 'promoted'): void {
    this.#lives.delete(live.name);
    this.#following.delete(live);
    this.#restorer.unfollow(live, reason);
  }
}
