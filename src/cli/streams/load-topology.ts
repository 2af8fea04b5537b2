import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MillraceError, reasonOf } from '../../base/errors.ts';

/** What the commands use of a topology of `millrace/streams`, whichever version made it. */
export interface DescribedTopology {
  toString(): string;
  describe(): unknown;
  toMermaid(): string;
  compare(
    saved: unknown,
  ): { readonly kind: string; readonly name: string; readonly text: string }[];
}

interface BuilderLike {
  build(options: object): DescribedTopology;
}

/** The topology that a module exports: as a builder, built, or by a function that makes either. */
export async function loadTopology(
  module: string,
  name: string | undefined,
  optimization: string,
): Promise<DescribedTopology> {
  const exported = await load(module);
  const names = name === undefined ? ['default', 'topology'] : [name];
  const found = names.map((each) => exported[each]).find((each) => each !== undefined);
  const made: unknown = typeof found === 'function' ? await found() : found;
  if (isBuilder(made)) return made.build({ optimization });
  if (isTopology(made)) return made;
  const what = 'expected a StreamsBuilder, a Topology, or a function that returns one';
  const where = names.map((each) => `'${each}'`).join(' or ');
  throw new MillraceError('MILLRACE_REQUEST_FAILED', `${module}: ${what}, exported as ${where}`);
}

async function load(module: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(resolve(module)).href);
  } catch (thrown) {
    const what = `${module} cannot be loaded: ${reasonOf(thrown)}`;
    throw new MillraceError('MILLRACE_REQUEST_FAILED', what);
  }
}

function isBuilder(value: unknown): value is BuilderLike {
  return typeof value === 'object' && value !== null && 'build' in value;
}

function isTopology(value: unknown): value is DescribedTopology {
  return typeof value === 'object' && value !== null && 'describe' in value && 'compare' in value;
}
