import { join } from 'node:path';
import { asideName } from './aside-name.ts';
import { readIdentity } from './partition-identity.ts';
import { listDirectory, storage } from './storage.ts';

const PARTITION = /^.+-\d+$/;

/** Whether a directory of that name holds a partition that is in use. */
export function isPartitionName(name: string): boolean {
  return PARTITION.test(name);
}

/**
 * At a start: renames directories that are not of the present partitions, as Kafka does, so that
 * neither are they served nor is anything lost. `topicIdOf` tells the id of the topic whose
 * partition this node holds under a name, null where it holds none. Returns the names.
 */
export function setStraysAside(
  dataDirectory: string,
  topicIdOf: (name: string) => string | null,
): string[] {
  const strays = listDirectory(dataDirectory).filter((name) => {
    if (!isPartitionName(name)) return false;
    const expected = topicIdOf(name);
    const { topicId } = readIdentity(join(dataDirectory, name));
    return expected === null || (topicId !== '' && topicId !== expected);
  });
  for (const name of strays) {
    storage.rename(join(dataDirectory, name), join(dataDirectory, asideName(name, 'stray')));
  }
  if (strays.length > 0) storage.syncDirectory(dataDirectory);
  return strays;
}
