import type { TopicView } from '../../coordination/group/topic-view.ts';
import type { KnownTopic, TopicChanges } from '../../exchange/group-messages.ts';

/** The topics as the front described them, for the group coordinators of this worker. */
export class KnownTopics implements TopicView {
  readonly #byName = new Map<string, KnownTopic>();
  readonly #byId = new Map<string, KnownTopic>();
  #version = 0;

  apply({ removed, changed }: TopicChanges): void {
    this.#version++;
    for (const { name, id } of removed) {
      this.#byId.delete(id);
      if (this.#byName.get(name)?.id === id) this.#byName.delete(name);
    }
    for (const topic of changed) {
      this.#byId.set(topic.id, topic);
      this.#byName.set(topic.name, topic);
    }
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
    return this.#byId.get(id)?.name;
  }

  names(): Iterable<string> {
    return this.#byName.keys();
  }
}
