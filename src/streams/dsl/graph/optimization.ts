import { TopologyError } from '../../topology/topology-error.ts';

/** Kafka's names of the optimisations (`topology.optimization`). */
const OPTIMIZATIONS = [
  'reuse.ktable.source.topics',
  'merge.repartition.topics',
  'single.store.self.join',
] as const;

/** One of Kafka's optimisations of the topology. */
export type Optimization = (typeof OPTIMIZATIONS)[number];

/** `all`, `none`, or Kafka's names of some, as a list or separated by commas. */
export type OptimizationChoice = 'all' | 'none' | (string & {}) | readonly Optimization[];

/** What `topology.optimization` asks for. */
export function optimizationsOf(choice: OptimizationChoice): Set<Optimization> {
  const names = typeof choice === 'string' ? choice.split(',').map((name) => name.trim()) : choice;
  if (names.includes('all' as Optimization) || names.includes('none' as Optimization)) {
    if (names.length === 1) return new Set(names[0] === 'all' ? OPTIMIZATIONS : []);
    throw new TopologyError(`"${names.join(',')}" is not a valid optimization config.`);
  }
  for (const name of names) {
    if (OPTIMIZATIONS.includes(name as Optimization)) continue;
    throw new TopologyError(`"${name}" is not a valid optimization config.`);
  }
  return new Set(names as readonly Optimization[]);
}
