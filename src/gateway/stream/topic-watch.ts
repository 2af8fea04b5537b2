import { inBackground } from '../../base/in-background.ts';
import { logFailure } from '../../base/log-failure.ts';
import type { TopicMirror } from '../../front/partitions/topic-mirror.ts';
import type { Services } from '../../front/requests/front-services.ts';

/** The new partitions of one topic, ready to be read. */
export interface NewPartitions {
  readonly topic: TopicMirror;
  /** The first new partition. */
  readonly from: number;
}

interface Added {
  readonly id: string;
  readonly from: number;
}

/** Calls back with new topics and partitions when they can be read. */
export function watchTopics(
  front: Services<'metadata' | 'directory' | 'partitions' | 'logger'>,
  onNew: (added: readonly NewPartitions[]) => void,
): void {
  front.metadata.onChange(({ before, after }) => {
    const added: Added[] = [];
    for (const topic of after.topicsByName.values()) {
      const old = before.topicsById.get(topic.id);
      if (old === topic) continue;
      const from = old?.partitions.length ?? 0;
      if (topic.partitions.length > from) added.push({ id: topic.id, from });
    }
    if (added.length === 0) return;
    const told = tellWhenReady(front, added, onNew);
    inBackground(told, logFailure(front.logger, 'telling streams of new partitions'));
  });
}

async function tellWhenReady(
  front: Services<'metadata' | 'directory' | 'partitions' | 'logger'>,
  added: readonly Added[],
  onNew: (added: readonly NewPartitions[]) => void,
): Promise<void> {
  // The directory learns of the same change, maybe later than this watch. Its work comes first.
  await Promise.resolve();
  await front.directory.settled();
  const ready: NewPartitions[] = [];
  for (const { id, from } of added) {
    const topic = front.partitions.topicById(id);
    if (topic !== undefined) ready.push({ topic, from });
  }
  onNew(ready);
}
