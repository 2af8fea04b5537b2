import { join } from 'node:path';
import { readIfThere } from './storage.ts';

const PARTITION_METADATA_FILE = 'partition.metadata';

export function identityPath(directory: string): string {
  return join(directory, PARTITION_METADATA_FILE);
}

/** Which topic the file in a partition's directory names. */
export interface PartitionIdentity {
  /** '' where it names none. */
  readonly topicId: string;
  /** The file is there but empty, as a power loss leaves it. */
  readonly isBlank: boolean;
}

export function readIdentity(directory: string): PartitionIdentity {
  const text = readIfThere(identityPath(directory))?.toString('utf8');
  const topicId = /^topic_id: (\S+)$/m.exec(text ?? '')?.[1] ?? '';
  return { topicId, isBlank: text !== undefined && text.replaceAll('\0', '') === '' };
}
