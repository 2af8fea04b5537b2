import type { MetadataImage } from '../../src/metadata/image.ts';
import { ImageDraft } from '../../src/metadata/image-draft.ts';
import type { MetadataStore } from '../../src/metadata/metadata-store.ts';
import type { MetadataRecord } from '../../src/metadata/records.ts';

/** A store without a disk, which remembers its commits and fails when told to. */
export class MemoryStore implements MetadataStore {
  readonly commits: MetadataRecord[][] = [];
  readonly initial: readonly MetadataRecord[];
  failNext: Error | null = null;
  failure: string | null = null;
  closed = false;

  constructor(initial: readonly MetadataRecord[] = []) {
    this.initial = initial;
  }

  async load(): Promise<ImageDraft> {
    const image = ImageDraft.empty();
    for (const record of this.initial) image.apply(record);
    return image;
  }

  async commit(records: readonly MetadataRecord[], _image: MetadataImage): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const error = this.failNext;
    this.failNext = null;
    if (error !== null) throw error;
    this.commits.push([...records]);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
