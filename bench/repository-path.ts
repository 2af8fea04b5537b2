import { fileURLToPath } from 'node:url';

/** These files run as they are built, in bench/dist, and in tests as they are written. */
const ROOT = new URL(import.meta.url.includes('/bench/dist/') ? '../../' : '../', import.meta.url);

/** A path below the root of the repository. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}
