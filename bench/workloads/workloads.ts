/** Workloads that others publish: OpenMessaging's, by their names, from YAML of its format. */
import { readFileSync } from 'node:fs';
import type { LineScenario } from '../harness/line-scenario.ts';
import { repositoryPath } from '../repository-path.ts';
import { lineOfWorkload } from './workload-line.ts';
import { readWorkload } from './workload-yaml.ts';

const NAMES = [
  '1-topic-1-partition-100b',
  'max-rate-1-topic-1-partition-1p-1c-1kb',
  '1-topic-16-partitions-1kb',
  '1-topic-100-partitions-1kb',
];

/** Its own duration is said in the title; what a run takes is said on the command line. */
function scenarioOf(name: string): LineScenario {
  const workload = readWorkload(
    readFileSync(repositoryPath(`bench/workloads/${name}.yaml`), 'utf8'),
  );
  const minutes = workload.testDurationMinutes;
  const title = `OpenMessaging: ${workload.name}; published with --minutes ${minutes}`;
  return { name, title, lines: [lineOfWorkload(workload)], seconds: 10 };
}

export const WORKLOADS: readonly LineScenario[] = NAMES.map(scenarioOf);
