import type { MetadataImage } from './image.ts';
import type { ImageDraft } from './image-draft.ts';
import type { MetadataRecord } from './records.ts';

/**
 * Where metadata is kept. metadata-log.ts is the implementation; tests have one in memory.
 */
export interface MetadataStore {
  /** Reads all that was committed. Called once, before the first commit. */
  load(): Promise<ImageDraft>;
  /**
   * Resolves when the records survive a crash of the machine, and rejects when they may not. Either
   * all records of a commit survive or none. `image` is the image after them, for snapshots.
   */
  commit(records: readonly MetadataRecord[], image: MetadataImage): Promise<void>;
  /** Why no commit can succeed any more, or null. */
  readonly failure: string | null;
  close(): Promise<void>;
}
