/** What Node asks where a module is, in the process of a client that an earlier build serves. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

type Found = { readonly url: string; readonly shortCircuit?: boolean };
type Next = (specifier: string, context: object) => Promise<Found>;

let client = '';

export function initialize(packageFolder: string): void {
  client = pathToFileURL(join(packageFolder, 'dist/bundle/client/index.js')).href;
}

export async function resolve(specifier: string, context: object, next: Next): Promise<Found> {
  if (specifier !== 'millrace/client') return next(specifier, context);
  return { url: client, shortCircuit: true };
}
