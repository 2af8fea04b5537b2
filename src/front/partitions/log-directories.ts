/** One of the directories that partitions of this node lie in. */
export interface LogDirectory {
  readonly path: string;
  /** Nothing in it can be reached until the next start. */
  readonly isLost: boolean;
}

/** Which log directory each partition of this node lies in. */
export interface LogDirectories {
  readonly all: readonly LogDirectory[];
  at(path: string): LogDirectory | undefined;
  /**
   * The directory of `topic-partition`: where it lies, or else where it is to be made. `assigned`
   * is the id that the metadata have for it. Null where it may lie in one that is lost.
   */
  place(name: string, assigned?: string): string | null;
  /** Where it is to be made, once this node holds it. */
  prefer(name: string, path: string): void;
  /** The node holds the partition no more. */
  remove(name: string): void;
}
