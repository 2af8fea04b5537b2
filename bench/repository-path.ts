import { fileURLToPath } from 'node:url';

/** A path of the repository, seen from bench/dist/ where this file runs. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
