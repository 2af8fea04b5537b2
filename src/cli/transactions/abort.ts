import type { Admin } from '../../client/admin/admin.ts';
import type { HangingTransaction } from '../../client/admin/transaction-admin.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { remark, wantsJson, write, writeJson } from '../output.ts';
import { EXIT_FAILED, UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { locatedProducers } from './hanging-transactions.ts';

/** Ends a transaction that no coordinator ends, in one partition. */
export async function abortTransaction(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const at = { topic: given.name('topic'), partition: needed(given, 'partition') };
  const start = given.integer('start-offset', 0);
  const named = start === undefined ? namedTransaction(given, at) : null;
  return withAdmin(given, async (admin) => {
    const transaction = named ?? (await openTransaction(admin, at, start!));
    if (transaction === null) {
      remark(`millrace: no transaction that starts at ${start} is open in ${partitionName(at)}`);
      return EXIT_FAILED;
    }
    await admin.transactions.abort(transaction);
    if (isJson) await writeJson(transaction);
    else await write(`aborted ${partitionName(at)} of producer ${transaction.producerId}\n`);
    return 0;
  });
}

/** Brokers before 3.0 do not tell where transactions start, so that all must be given. */
function namedTransaction(given: CommandArguments, at: TopicPartition): HangingTransaction {
  if (!given.has('producer-id')) {
    const either = '--start-offset, or --producer-id, --producer-epoch and --coordinator-epoch';
    throw new UsageError(`transactions abort: which transaction? ${either}`);
  }
  return {
    ...at,
    producerId: needed(given, 'producer-id'),
    producerEpoch: needed(given, 'producer-epoch'),
    coordinatorEpoch: needed(given, 'coordinator-epoch', -1),
  };
}

function needed(given: CommandArguments, option: string, least = 0): number {
  const value = given.integer(option, least);
  if (value === undefined) throw new UsageError(`transactions abort: --${option} must be given`);
  return value;
}

async function openTransaction(
  admin: Admin,
  at: TopicPartition,
  start: number,
): Promise<HangingTransaction | null> {
  const producers = await locatedProducers(admin, [at]);
  const found = producers.find(({ transactionStart }) => transactionStart === start);
  if (found === undefined) return null;
  const { producerId, producerEpoch, coordinatorEpoch } = found;
  return { ...at, producerId, producerEpoch, coordinatorEpoch };
}
