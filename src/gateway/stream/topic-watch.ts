import type { TopicMirror } from '../../front/partitions/topic-mirror.ts';
import type { FrontContext } from '../../front/requests/front-context.ts';

/** Topics and partitions that came with a change of the metadata, ready to be read. */
export interface NewPartitions {
  readonly topic: TopicMirror;
  /** The first new one. */
  readonly from: number;
}

/** Tells of new topics and partitions once they can be read. */
export function watchTopics(
  front: FrontContext,
  onNew: (added: readonly NewPartitions[]) => void,
): void {
  front.metadata.onChange(({ before, after }) => {
    const added: { id: string; from: number }[] = [];
    for (const topic of after.topicsByName.values()) {
      const old = before.topicsById.get(topic.id);
      if (old === topic) continue;
      const from = old?.partitions.length ?? 0;
      if (topic.partitions.length > from) added.push({ id: topic.id, from });
    }
    if (added.length === 0) return;
    queueMicrotask(async () => {
      await front.directory.settled();
      const ready: NewPartitions[] = [];
      for (const { id, from } of added) {
        const topic = front.partitions.topicById(id);
        if (topic !== undefined) ready.push({ topic, from });
      }
      onNew(ready);
    });
  });
}
