import type { Admin } from '../../client/admin/admin.ts';
import type { GroupDescription } from '../../client/admin/group-description.ts';
import type { GroupMember } from '../../client/admin/group-member.ts';
import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { isRefusal } from '../outcomes.ts';
import { remark, wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { EXIT_FAILED, UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { lagsOf, type PartitionLag, POSITION_COLUMNS } from './group-lag.ts';
import { assignmentText, coordinatorText, knownEpoch } from './group-texts.ts';

interface MemberRow extends GroupMember {
  readonly group: string;
}

const LAG_COLUMNS: readonly TableColumn<PartitionLag>[] = [
  ...POSITION_COLUMNS,
  { title: 'LAG', value: ({ lag }) => lag },
  { title: 'CONSUMER-ID', value: ({ memberId }) => memberId },
  { title: 'HOST', value: ({ clientHost }) => clientHost },
  { title: 'CLIENT-ID', value: ({ clientId }) => clientId },
];

const MEMBER_COLUMNS: readonly TableColumn<MemberRow>[] = [
  { title: 'GROUP', value: ({ group }) => group },
  { title: 'CONSUMER-ID', value: ({ memberId }) => memberId },
  { title: 'INSTANCE-ID', value: ({ instanceId }) => instanceId },
  { title: 'HOST', value: ({ clientHost }) => clientHost },
  { title: 'CLIENT-ID', value: ({ clientId }) => clientId },
  { title: 'EPOCH', value: ({ memberEpoch }) => knownEpoch(memberEpoch) },
  { title: 'PARTITIONS', value: (row) => partitionCount(row) },
  {
    title: 'ASSIGNMENT',
    value: ({ assignment }) => (assignment === null ? null : assignmentText(assignment)),
  },
];

const STATE_COLUMNS: readonly TableColumn<GroupDescription>[] = [
  { title: 'GROUP', value: ({ groupId }) => groupId },
  { title: 'COORDINATOR', value: ({ coordinator }) => coordinatorText(coordinator) },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'ASSIGNOR', value: ({ assignor }) => assignor },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'EPOCH', value: ({ groupEpoch }) => knownEpoch(groupEpoch) },
  { title: 'MEMBERS', value: ({ members }) => members.length },
];

function partitionCount({ assignment }: MemberRow): number | null {
  if (assignment === null) return null;
  return assignment.reduce((sum, { partitions }) => sum + partitions.length, 0);
}

export async function describeGroups(given: CommandArguments): Promise<number> {
  if (given.has('members') && given.has('state')) {
    throw new UsageError('groups describe: --members and --state exclude one another');
  }
  wantsJson(given);
  const named = given.names('group');
  if (named.length === 0 && !given.has('all-groups')) {
    throw new UsageError('groups describe: which group? --all-groups takes every one');
  }
  return withAdmin(given, async (admin) => {
    const groups: GroupDescription[] = [];
    const errors: string[] = [];
    const names = named.length > 0 ? named : await everyGroup(admin);
    for (const outcome of (await admin.groups.describe(names)).values()) {
      if (!(outcome instanceof KafkaError)) groups.push(outcome);
      else if (isRefusal(outcome)) errors.push(outcome.message);
      else throw outcome;
    }
    if (groups.length > 0 || errors.length === 0) await show(given, admin, groups);
    for (const error of errors) remark(`millrace: ${error}`);
    return errors.length === 0 ? 0 : EXIT_FAILED;
  });
}

async function everyGroup(admin: Admin): Promise<string[]> {
  const listed = await admin.groups.list({ types: ['classic', 'consumer'] });
  return listed.map(({ groupId }) => groupId);
}

async function show(
  given: CommandArguments,
  admin: Admin,
  groups: readonly GroupDescription[],
): Promise<void> {
  const isJson = wantsJson(given);
  if (given.has('state')) {
    if (isJson) return writeJson(groups.map((group) => withoutMembers(group)));
    return writeTable(STATE_COLUMNS, groups);
  }
  if (given.has('members')) {
    const rows = groups.flatMap(({ groupId, members }) =>
      members.map((member) => ({ group: groupId, ...member })),
    );
    return isJson ? writeJson(rows) : writeTable(MEMBER_COLUMNS, rows);
  }
  const lags = await lagsOf(admin, groups);
  return isJson ? writeJson(lags) : writeTable(LAG_COLUMNS, lags);
}

function withoutMembers(group: GroupDescription) {
  const { members, coordinator, ...facts } = group;
  const { id, host, port } = coordinator;
  return { ...facts, coordinator: { id, host, port }, members: members.length };
}
