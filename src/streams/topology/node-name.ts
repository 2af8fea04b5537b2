import { TopologyError } from './topology-error.ts';

const LENGTH_MAX = 249;
const LEGAL = /^[a-zA-Z0-9._-]+$/;

/** Names of nodes and stores become names of topics, so they keep to the same letters. */
export function checkedName(name: string): string {
  if (name === '.' || name === '..') throw new TopologyError(`Name cannot be "${name}".`);
  if (name.length > LENGTH_MAX) {
    throw new TopologyError(`Name ${name} is longer than ${LENGTH_MAX} characters.`);
  }
  if (LEGAL.test(name)) return name;
  throw new TopologyError(
    `Name "${name}" is illegal: it may have ASCII letters, digits, '.', '_' and '-'.`,
  );
}
