import { MillraceError } from '../../base/errors.ts';
import type { Admin } from '../../client/admin/admin.ts';
import { required } from '../../client/admin/outcome.ts';
import { isKafkaError } from '../../client/errors/kafka-error.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { partitionsOf } from '../groups/partition-scope.ts';
import {
  commitPlan,
  PLANNED_COLUMNS,
  type PlannedOffset,
  planReset,
  resetTarget,
} from '../groups/reset-plan.ts';
import { remark, wantsJson, write, writeJson, writeTable } from '../output.ts';
import { EXIT_FAILED, UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { internalTopicsOf } from './internal-topics.ts';
import { describeApplication, isStreamsType } from './streams-groups.ts';

interface ResetPlan {
  readonly applicationId: string;
  readonly executed: boolean;
  readonly offsets: readonly PlannedOffset[];
  readonly deletedTopics: readonly string[];
  readonly missingTopics: readonly string[];
}

/** What Kafka's StreamsResetter does: the application begins anew at its next start. */
export async function resetApplication(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const applicationId = given.name('application-id');
  const isDry = given.has('dry-run');
  const plan = await withAdmin(given, async (admin) => {
    await requireInactive(admin, applicationId, given.has('force') && !isDry);
    const planned = await planFor(given, admin, applicationId);
    if (!isDry) await carryOut(admin, planned);
    return { ...planned, executed: !isDry };
  });
  if (isJson) await writeJson(plan);
  else await show(plan);
  for (const topic of plan.missingTopics) remark(`millrace: there is no topic ${topic}`);
  if (isDry) remark('dry run: nothing has been changed');
  else {
    remark(`local state is not touched: delete ${applicationId} in the state.dir of each instance`);
  }
  return plan.missingTopics.length === 0 ? 0 : EXIT_FAILED;
}

/** A member would commit over what is set here, and write to topics that are deleted. */
async function requireInactive(
  admin: Admin,
  applicationId: string,
  removes: boolean,
): Promise<void> {
  const group = await describeApplication(admin, applicationId);
  const count = group?.members.length ?? 0;
  if (count === 0) return;
  if (!removes) {
    const what = `application ${applicationId} is still active with ${count} members`;
    throw new MillraceError(
      'MILLRACE_REQUEST_FAILED',
      `${what}: stop all instances first, or remove the members of dead ones with --force`,
    );
  }
  const members = group!.members.map(({ memberId }) => ({ memberId }));
  const removed = isStreamsType(group!)
    ? await admin.groups.removeStreamsMembers(
        applicationId,
        members.map(({ memberId }) => memberId),
      )
    : await admin.groups.removeMembers(applicationId, members);
  for (const { outcome } of removed) {
    // It has left by itself meanwhile.
    if (!isKafkaError(outcome, 'UNKNOWN_MEMBER_ID')) required(outcome);
  }
}

async function planFor(
  given: CommandArguments,
  admin: Admin,
  applicationId: string,
): Promise<ResetPlan> {
  const target = resetTarget(given, Date.now(), { kind: 'earliest' });
  const topics = (await admin.topics.list()).map(({ name }) => name);
  const inputs = listOf(given, 'input-topics');
  const missingTopics = inputs.filter((topic) => !topics.includes(topic));
  const existing = inputs.filter((topic) => topics.includes(topic));
  const scopes = existing.map((topic) => ({ topic, partitions: [] }));
  const committed = required((await admin.groupOffsets.list([applicationId])).get(applicationId));
  const partitions = scopes.length === 0 ? [] : await partitionsOf(admin, scopes);
  const offsets =
    partitions.length === 0 ? [] : await planReset(admin, target, partitions, committed);
  const groups = (await admin.groups.list()).map(({ groupId }) => groupId);
  const candidates = topics.filter((topic) => !inputs.includes(topic));
  const { own, doubtful } = internalTopicsOf(applicationId, candidates, groups);
  const named = listOf(given, 'internal-topics');
  const foreign = named.find((topic) => !own.includes(topic) && !doubtful.includes(topic));
  if (foreign !== undefined) {
    const what = `${foreign} is no internal topic of ${applicationId}; --dry-run lists them`;
    throw new UsageError(`--internal-topics: ${what}`);
  }
  if (named.length === 0) {
    for (const topic of doubtful) {
      remark(`${topic} may be another application's: --internal-topics deletes it`);
    }
  }
  const deletedTopics = named.length === 0 ? own : named;
  return { applicationId, executed: false, offsets, deletedTopics, missingTopics };
}

async function carryOut(admin: Admin, plan: ResetPlan): Promise<void> {
  const { applicationId, offsets, deletedTopics } = plan;
  if (offsets.length > 0) await commitPlan(admin, applicationId, offsets);
  if (deletedTopics.length === 0) return;
  for (const outcome of (await admin.topics.delete(deletedTopics)).values()) required(outcome);
}

async function show({ offsets, deletedTopics, executed }: ResetPlan): Promise<void> {
  if (offsets.length > 0) await writeTable(PLANNED_COLUMNS, offsets);
  const verb = executed ? 'deleted' : 'would delete';
  for (const topic of deletedTopics) await write(`${verb} ${topic}\n`);
}

function listOf(given: CommandArguments, option: string): string[] {
  return (given.text(option) ?? '').split(',').filter((each) => each !== '');
}
