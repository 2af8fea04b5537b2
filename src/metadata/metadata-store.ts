import type { MetadataImage } from './image.ts';
import type { ImageDraft } from './image-draft.ts';
import type { MetadataRecord } from './records.ts';

/**
 * Where metadata is kept. The log of metadata-log.ts is one; another (etcd, say) takes its place by
 * answering the same three calls.
 */
export interface MetadataStore {
  /** Everything that was committed. Called once, before any commit. */
  load(): Promise<ImageDraft>;
  /**
   * Resolves when the records outlive a crash of the machine, and rejects when they may not. All of
   * one commit outlives it or none. `image` is what they lead to, for stores that take snapshots.
   */
  commit(records: readonly MetadataRecord[], image: MetadataImage): Promise<void>;
  /** Why no commit can succeed any more; null while one may. */
  readonly failure: string | null;
  close(): Promise<void>;
}
