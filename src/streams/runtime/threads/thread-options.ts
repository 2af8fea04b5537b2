import { KafkaError, toKafkaError } from '../../../client/errors/kafka-error.ts';
import type { StreamsOptions } from '../streams-options.ts';

/** Functions that are called in the thread that started the others. */
const NOT_OF_THREADS: ReadonlySet<string> = new Set([
  'uncaughtexceptionhandler',
  'applicationserverauthorize',
  'onerror',
]);

/** What goes to the threads. Throws where an option cannot be copied. */
export function threadOptions(options: StreamsOptions): StreamsOptions {
  const kept = Object.entries(options).filter(([name]) => {
    return !NOT_OF_THREADS.has(name.replaceAll(/[._-]/g, '').toLowerCase());
  });
  for (const [name, value] of kept) requireCloneable(name, value);
  return Object.fromEntries(kept) as unknown as StreamsOptions;
}

function requireCloneable(name: string, value: unknown): void {
  try {
    structuredClone(value);
  } catch (thrown) {
    const what = `option '${name}' cannot go to another thread`;
    const how = 'the module of the topology exports such options as `options`';
    throw new KafkaError('BAD_ARGUMENT', `${what}: ${how}`, { cause: toKafkaError(thrown) });
  }
}
