import type { TopicView } from './topic-view.ts';

interface Entry {
  readonly id: string;
  partitions: number;
}

/** A view of the topics that its owner keeps up to date, e.g. from messages of the front. */
export class TopicTable implements TopicView {
  readonly #byName = new Map<string, Entry>();
  readonly #names = new Map<string, string>();
  #version = 1;

  /** Makes a topic known, or its partitions if they have grown. An older namesake is forgotten. */
  put(name: string, id: string, partitions: number): void {
    const known = this.#byName.get(name);
    if (known?.id === id) {
      if (known.partitions === partitions) return;
      known.partitions = partitions;
    } else {
      if (known !== undefined) this.#names.delete(known.id);
      this.#byName.set(name, { id, partitions });
      this.#names.set(id, name);
    }
    this.#version++;
  }

  /** False where there is no such topic, or a namesake of a later make. */
  delete(name: string, id: string): boolean {
    if (this.#byName.get(name)?.id !== id) return false;
    this.#byName.delete(name);
    this.#names.delete(id);
    this.#version++;
    return true;
  }

  version(): number {
    return this.#version;
  }

  partitionCount(name: string): number {
    return this.#byName.get(name)?.partitions ?? 0;
  }

  topicId(name: string): string | undefined {
    return this.#byName.get(name)?.id;
  }

  topicName(id: string): string | undefined {
    return this.#names.get(id);
  }

  names(): Iterable<string> {
    return this.#byName.keys();
  }
}
