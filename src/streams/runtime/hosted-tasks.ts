import type { HostTasks } from '../assign/assignment-data.ts';
import type { HostedTasks } from '../queries/application-metadata.ts';
import { type HostInfo, hostText, parseHostInfo } from '../queries/host-info.ts';
import { parseTaskId, type TaskId } from '../topology/task-id.ts';

/** The tasks of this process, by their names. */
export interface OwnTasks {
  /** Where it answers; null where it does not. */
  readonly host: HostInfo | null;
  readonly active: readonly string[];
  readonly standby: readonly string[];
}

/**
 * All processes with their tasks, this one first: it knows itself better than the group does. Each
 * thread of a process is a member of its own, and all of them answer at one address.
 */
export function hostedTasks(own: OwnTasks, told: readonly HostTasks[]): HostedTasks[] {
  const { host, active, standby } = own;
  const ownEndpoint = host === null ? null : hostText(host);
  const byEndpoint = new Map<string, HostTasks[]>();
  for (const each of told) {
    if (each.endpoint === ownEndpoint) continue;
    byEndpoint.set(each.endpoint, [...(byEndpoint.get(each.endpoint) ?? []), each]);
  }
  const others = Array.from(byEndpoint, ([endpoint, members]): HostedTasks => {
    return {
      host: parseHostInfo(endpoint, 'applicationServer'),
      isThis: false,
      active: taskIds(members.flatMap((member) => member.active)),
      standby: taskIds(members.flatMap((member) => member.standby)),
    };
  });
  return [{ host, isThis: true, active: taskIds(active), standby: taskIds(standby) }, ...others];
}

function taskIds(names: readonly string[]): TaskId[] {
  const distinct = Array.from(new Set(names), parseTaskId);
  return distinct.filter((id) => id !== undefined);
}
