/**
 * Removing a whole partition. The rename is what counts: a directory of that name is never opened
 * as a partition, and what a crash leaves of it is removed at the next start.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { failPoint } from '../base/fail-point.ts';
import { asideName } from './aside-name.ts';
import { readIdentity } from './partition-identity.ts';
import { listDirectory, storage } from './storage.ts';

const DELETED_DIRECTORY = /\.[0-9a-f]{32}-delete$/;

export function removePartitionDirectory(directory: string): void {
  if (!existsSync(directory)) return;
  const renamed = join(dirname(directory), asideName(basename(directory), 'delete'));
  if (failPoint !== null) failPoint('delete-before-rename');
  storage.rename(directory, renamed);
  if (failPoint !== null) failPoint('delete-after-rename');
  storage.removeLater(renamed);
}

export function isDeletedDirectory(name: string): boolean {
  return DELETED_DIRECTORY.test(name);
}

/** A topic whose deletion was decided. */
export interface DeletedTopic {
  readonly id: string;
  readonly name: string;
  readonly partitions: number;
}

/**
 * At a start: removes the directories of a topic whose deletion was decided but not carried out. A
 * directory that names no topic belongs to the current topic of that name, if there is one.
 */
export function removeDeletedTopic(
  dataDirectory: string,
  { id, name, partitions }: DeletedTopic,
  isNameTaken: boolean,
): void {
  for (let index = 0; index < partitions; index++) {
    const directory = join(dataDirectory, `${name}-${index}`);
    const { topicId } = readIdentity(directory);
    if (topicId === id || (topicId === '' && !isNameTaken)) removePartitionDirectory(directory);
  }
  storage.syncDirectory(dataDirectory);
}

/** At a start: removes what is left of earlier removals. */
export function finishRemovals(dataDirectory: string): void {
  for (const name of listDirectory(dataDirectory)) {
    if (isDeletedDirectory(name)) storage.removeLater(join(dataDirectory, name));
  }
}
