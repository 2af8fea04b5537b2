import { randomBytes } from 'node:crypto';

const MAX_NAME = 255;

/** A new name, as Kafka makes them, for a partition's directory that is not in use. */
export function asideName(name: string, mark: 'delete' | 'stray' | 'future'): string {
  const suffix = `.${randomBytes(16).toString('hex')}-${mark}`;
  return name.slice(0, MAX_NAME - suffix.length) + suffix;
}
