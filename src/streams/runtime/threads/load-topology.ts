import { KafkaError } from '../../../client/errors/kafka-error.ts';
import type { RunnableTopology } from '../streams.ts';
import type { StreamsOptions } from '../streams-options.ts';

/** What a module with a topology gives. */
interface TopologyModule {
  readonly default?: RunnableTopology | (() => RunnableTopology | Promise<RunnableTopology>);
  /** Options that cannot go from thread to thread: handlers, serdes, extractors. */
  readonly options?: Partial<StreamsOptions>;
}

/** The topology of a module, and the options that the module brings. */
export interface LoadedTopology {
  readonly topology: RunnableTopology;
  readonly options: Partial<StreamsOptions>;
}

export async function loadTopology(module: string): Promise<LoadedTopology> {
  const { default: given, options = {} } = (await import(module)) as TopologyModule;
  if (given === undefined) {
    const what = `module ${module} has no default export, which must be the topology`;
    throw new KafkaError('BAD_ARGUMENT', what);
  }
  return { topology: typeof given === 'function' ? await given() : given, options };
}
