import { join } from 'node:path';
import { readIfThere } from './storage.ts';

const PARTITION_METADATA_FILE = 'partition.metadata';

export function identityPath(directory: string): string {
  return join(directory, PARTITION_METADATA_FILE);
}

/** What the file of a partition's directory says that it is of. */
export interface PartitionIdentity {
  /** '' where it is not told. */
  readonly topicId: string;
  /** The file is there without content, as a power loss leaves it. */
  readonly isBlank: boolean;
}

export function readIdentity(directory: string): PartitionIdentity {
  const text = readIfThere(identityPath(directory))?.toString('utf8');
  const topicId = /^topic_id: (\S+)$/m.exec(text ?? '')?.[1] ?? '';
  return { topicId, isBlank: text !== undefined && text.replaceAll('\0', '') === '' };
}
