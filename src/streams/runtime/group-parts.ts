import type { Admin } from '../../client/admin/admin.ts';
import type { ResetPolicy } from '../../client/consumer/offsets/reset-policy.ts';
import type { KafkaError } from '../../client/errors/kafka-error.ts';
import type { HostTasks } from '../assign/assignment-data.ts';
import type { StateDirectory } from '../state/disk/state-directory.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import type { Restorer } from './restorer.ts';
import type { StreamLoop } from './stream-loop.ts';
import type { StreamsSettings } from './streams-options.ts';
import type { TaskSet } from './task-set.ts';

/** What an instance's part in its group works with. */
export interface GroupParts {
  readonly settings: StreamsSettings;
  readonly plan: TopologyPlan;
  readonly admin: Admin;
  readonly directory: StateDirectory | null;
  readonly processId: string;
  readonly restorer: Restorer;
  readonly policy: ResetPolicy;
  /** They are made after the group, whose reader they need. */
  tasks(): TaskSet;
  loop(): StreamLoop;
}

/** What both protocols tell the instance. */
export interface GroupNews {
  /** Which tasks processes have that say where they answer queries. */
  onHosts(hosts: readonly HostTasks[]): void;
  /** The application cannot go on. */
  onFailure(error: KafkaError): void;
}
