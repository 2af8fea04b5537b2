// Where the headers of Node-API are: no headers of one Node, so that one binary loads in all.
import { createRequire } from 'node:module';

export function includeDir() {
  try {
    return createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    throw new Error('the package node-api-headers is missing: run npm ci');
  }
}
