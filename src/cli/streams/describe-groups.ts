import type { Admin } from '../../client/admin/admin.ts';
import type { StreamsTasks } from '../../client/admin/streams-group.ts';
import { formatAddress } from '../../client/broker-address.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { lagsOf, type PartitionLag, POSITION_COLUMNS } from '../groups/group-lag.ts';
import { assignmentText, coordinatorText, knownEpoch } from '../groups/group-texts.ts';
import { remark, wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { EXIT_FAILED, UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import {
  asConsumers,
  describeApplication,
  isStreamsType,
  listApplications,
  type StreamsGroup,
} from './streams-groups.ts';

interface MemberRow {
  readonly group: string;
  readonly memberId: string;
  readonly processId: string | null;
  readonly clientHost: string;
  readonly clientId: string;
  readonly memberEpoch: number | null;
  readonly active: string;
  readonly standby: string | null;
  readonly warmup: string | null;
  /** Where the application answers queries. */
  readonly endpoint: string | null;
}

interface StateRow {
  readonly group: string;
  readonly coordinator: string;
  readonly type: string;
  readonly state: string;
  readonly groupEpoch: number | null;
  readonly assignmentEpoch: number | null;
  readonly topologyEpoch: number | null;
  readonly members: number;
}

const LAG_COLUMNS: readonly TableColumn<PartitionLag>[] = [
  ...POSITION_COLUMNS,
  { title: 'OFFSET-LAG', value: ({ lag }) => lag },
  { title: 'MEMBER', value: ({ memberId }) => memberId },
];

const MEMBER_COLUMNS: readonly TableColumn<MemberRow>[] = [
  { title: 'GROUP', value: ({ group }) => group },
  { title: 'MEMBER', value: ({ memberId }) => memberId },
  { title: 'PROCESS', value: ({ processId }) => processId },
  { title: 'HOST', value: ({ clientHost }) => clientHost },
  { title: 'CLIENT-ID', value: ({ clientId }) => clientId },
  { title: 'EPOCH', value: ({ memberEpoch }) => memberEpoch },
  { title: 'ACTIVE', value: ({ active }) => active },
  { title: 'STANDBY', value: ({ standby }) => standby },
  { title: 'WARMUP', value: ({ warmup }) => warmup },
  { title: 'ENDPOINT', value: ({ endpoint }) => endpoint },
];

const STATE_COLUMNS: readonly TableColumn<StateRow>[] = [
  { title: 'GROUP', value: ({ group }) => group },
  { title: 'COORDINATOR', value: ({ coordinator }) => coordinator },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'GROUP-EPOCH', value: ({ groupEpoch }) => groupEpoch },
  { title: 'TARGET-EPOCH', value: ({ assignmentEpoch }) => assignmentEpoch },
  { title: 'TOPOLOGY-EPOCH', value: ({ topologyEpoch }) => topologyEpoch },
  { title: 'MEMBERS', value: ({ members }) => members },
];

const VIEWS = ['offsets', 'members', 'state'];

export async function describeStreamsGroups(given: CommandArguments): Promise<number> {
  wantsJson(given);
  if (VIEWS.filter((view) => given.has(view)).length > 1) {
    const views = VIEWS.map((view) => `--${view}`).join(', ');
    throw new UsageError(`streams groups describe: ${views} exclude one another`);
  }
  const named = given.names('group');
  if (named.length === 0 && !given.has('all-groups')) {
    throw new UsageError('streams groups describe: which group? --all-groups takes every one');
  }
  return withAdmin(given, async (admin) => {
    const listed = named.length > 0 ? [] : await listApplications(admin);
    const names = named.length > 0 ? named : listed.map(({ groupId }) => groupId);
    const groups: StreamsGroup[] = [];
    const missing: string[] = [];
    for (const name of names) {
      const group = await describeApplication(admin, name);
      if (group === null) missing.push(name);
      else groups.push(group);
    }
    if (groups.length > 0 || missing.length === 0) await show(given, admin, groups);
    for (const name of missing) remark(`millrace: there is no group ${name}`);
    return missing.length === 0 ? 0 : EXIT_FAILED;
  });
}

async function show(
  given: CommandArguments,
  admin: Admin,
  groups: readonly StreamsGroup[],
): Promise<void> {
  const isJson = wantsJson(given);
  if (given.has('state')) {
    const rows = groups.map(stateRow);
    return isJson ? writeJson(rows) : writeTable(STATE_COLUMNS, rows);
  }
  if (given.has('members')) {
    const rows = groups.flatMap(memberRows);
    return isJson ? writeJson(rows) : writeTable(MEMBER_COLUMNS, rows);
  }
  const lags = await lagsOf(admin, groups.map(asConsumers));
  return isJson ? writeJson(lags) : writeTable(LAG_COLUMNS, lags);
}

function stateRow(group: StreamsGroup): StateRow {
  const { groupId, type, state, coordinator, groupEpoch, assignmentEpoch, members } = group;
  return {
    group: groupId,
    coordinator: coordinatorText(coordinator),
    type,
    state,
    groupEpoch: knownEpoch(groupEpoch),
    assignmentEpoch: knownEpoch(assignmentEpoch),
    topologyEpoch: isStreamsType(group) ? knownEpoch(group.topologyEpoch) : null,
    members: members.length,
  };
}

function memberRows(group: StreamsGroup): MemberRow[] {
  if (!isStreamsType(group)) {
    return group.members.map((member) => ({
      group: group.groupId,
      memberId: member.memberId,
      processId: null,
      clientHost: member.clientHost,
      clientId: member.clientId,
      memberEpoch: knownEpoch(member.memberEpoch),
      active: assignmentText(member.assignment ?? []),
      standby: null,
      warmup: null,
      endpoint: null,
    }));
  }
  return group.members.map((member) => ({
    group: group.groupId,
    memberId: member.memberId,
    processId: member.processId,
    clientHost: member.clientHost,
    clientId: member.clientId,
    memberEpoch: knownEpoch(member.memberEpoch),
    active: tasksText(member.assignment.active),
    standby: tasksText(member.assignment.standby),
    warmup: tasksText(member.assignment.warmup),
    endpoint: member.endpoint === null ? null : formatAddress(member.endpoint),
  }));
}

/** As tasks are named: `0_0,0_1,1_0`. */
function tasksText(tasks: readonly StreamsTasks[]): string {
  return tasks
    .flatMap(({ subtopologyId, partitions }) =>
      partitions.map((each) => `${subtopologyId}_${each}`),
    )
    .join(',');
}
