import { CASTS } from './cluster-casts.mjs';

/**
 * One check against three brokers of one kind, and one against those of both in one cluster; `run` gets
 * the context and the kind of each broker.
 */
export function replicaChecks({ name, proves, run, ...rest }) {
  const sets = ['full', 'cluster'];
  return [
    { name, proves, ...rest, sets, run: (context) => run(context, CASTS[context.kind]) },
    {
      ...rest,
      name: `${name}-mixed`,
      proves: 'the same on two brokers of millrace and one of Kafka',
      sets,
      brokers: ['millrace'],
      baseline: name,
      run: (context) => run(context, CASTS.mixed[0]),
    },
  ];
}
