/** The topics as the coordinator sees them: an immutable image or a live view, either will do. */
export interface TopicView {
  /** Grows with every change, so that regular expressions and assignments know to refresh. */
  version(): number;
  /** 0 where there is no such topic. */
  partitionCount(name: string): number;
  topicId(name: string): string | undefined;
  topicName(id: string): string | undefined;
  names(): Iterable<string>;
}

export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';
