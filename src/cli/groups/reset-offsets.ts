import { MillraceError } from '../../base/errors.ts';
import type { Admin } from '../../client/admin/admin.ts';
import type { CommittedOffset } from '../../client/admin/group-offset-admin.ts';
import { required } from '../../client/admin/outcome.ts';
import { isKafkaError } from '../../client/errors/kafka-error.ts';
import type { TopicPartition } from '../../client/topic-partition.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { existingPartitions } from '../existing-partitions.ts';
import { remark, wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { parseScope, partitionsOf } from './partition-scope.ts';
import {
  commitPlan,
  PLANNED_COLUMNS,
  type PlannedOffset,
  planReset,
  resetTarget,
} from './reset-plan.ts';

/** The states in which nobody else commits. */
const INACTIVE_STATES: readonly string[] = ['Empty', 'Dead'];

export async function resetOffsets(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const group = given.name('group');
  const target = resetTarget(given, Date.now());
  const execute = given.has('execute');
  if (execute && given.has('dry-run')) {
    throw new UsageError('groups reset-offsets: --execute and --dry-run exclude one another');
  }
  if (given.has('all-topics') === given.has('topic')) {
    throw new UsageError('groups reset-offsets: expected either --topic or --all-topics');
  }
  const plan = await withAdmin(given, async (admin) => {
    await requireInactive(admin, group);
    const committed = required((await admin.groupOffsets.list([group])).get(group));
    const partitions = await partitionsMeant(given, admin, group, committed);
    const planned = await planReset(admin, target, partitions, committed);
    if (execute) await commitPlan(admin, group, planned);
    return planned;
  });
  if (isJson) await writeJson({ group, executed: execute, offsets: plan });
  else await writeTable(columnsFor(group), plan);
  if (!execute) remark('dry run: nothing has been changed; --execute does it');
  return 0;
}

function columnsFor(group: string): TableColumn<PlannedOffset>[] {
  return [{ title: 'GROUP', value: () => group }, ...PLANNED_COLUMNS];
}

/** A member would commit over what is set here. A group that is not there will be made. */
async function requireInactive(admin: Admin, group: string): Promise<void> {
  const outcome = (await admin.groups.describe([group])).get(group);
  if (isKafkaError(outcome, 'GROUP_ID_NOT_FOUND')) return;
  const found = required(outcome);
  if (INACTIVE_STATES.includes(found.state)) return;
  const why = `it is ${found.state} with ${found.members.length} members`;
  throw new MillraceError(
    'MILLRACE_REQUEST_FAILED',
    `offsets of group ${group} can only be reset while it is inactive, and ${why}`,
  );
}

async function partitionsMeant(
  given: CommandArguments,
  admin: Admin,
  group: string,
  committed: readonly CommittedOffset[],
): Promise<TopicPartition[]> {
  if (!given.has('all-topics')) {
    return partitionsOf(admin, given.texts('topic').map(parseScope));
  }
  const all = committed.map(({ topic, partition }) => ({ topic, partition }));
  const existing = await existingPartitions(admin, all);
  if (existing.length > 0) return existing;
  throw new MillraceError('MILLRACE_REQUEST_FAILED', `group ${group} has no committed offsets`);
}
