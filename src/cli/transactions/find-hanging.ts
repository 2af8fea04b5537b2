import type { Admin } from '../../client/admin/admin.ts';
import { allRequired } from '../../client/admin/outcome.ts';
import type { TopicPartition } from '../../client/topic-partition.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { findHanging, type LocatedProducer } from './hanging-transactions.ts';

interface Row extends LocatedProducer {
  readonly minutes: number;
}

const COLUMNS: readonly TableColumn<Row>[] = [
  { title: 'Topic', value: ({ topic }) => topic },
  { title: 'Partition', value: ({ partition }) => partition },
  { title: 'ProducerId', value: ({ producerId }) => producerId },
  { title: 'ProducerEpoch', value: ({ producerEpoch }) => producerEpoch },
  { title: 'CoordinatorEpoch', value: ({ coordinatorEpoch }) => coordinatorEpoch },
  { title: 'StartOffset', value: ({ transactionStart }) => transactionStart },
  { title: 'LastTimestamp', value: ({ lastTimestamp }) => lastTimestamp },
  { title: 'Duration(min)', value: ({ minutes }) => minutes },
];

const MINUTE_MS = 60_000;
const DEFAULT_TIMEOUT_MINUTES = 15;

export async function findHangingTransactions(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const timeoutMinutes = given.integer('max-transaction-timeout', 0) ?? DEFAULT_TIMEOUT_MINUTES;
  checkScope(given);
  const hanging = await withAdmin(given, async (admin) => {
    return findHanging(admin, await scopeOf(admin, given), timeoutMinutes * MINUTE_MS);
  });
  const nowMs = Date.now();
  const rows = hanging.map((each) => {
    return { ...each, minutes: Math.floor((nowMs - each.lastTimestamp) / MINUTE_MS) };
  });
  if (isJson) await writeJson(rows);
  else await writeTable(COLUMNS, rows);
  return 0;
}

function checkScope(given: CommandArguments): void {
  if (!given.has('topic') && !given.has('broker-id')) {
    throw new UsageError('transactions find-hanging: where? --topic or --broker-id must be given');
  }
  if (given.has('partition') && !given.has('topic')) {
    throw new UsageError('transactions find-hanging: --partition needs a --topic');
  }
}

async function scopeOf(admin: Admin, given: CommandArguments): Promise<TopicPartition[]> {
  const topic = given.text('topic');
  const partition = given.integer('partition', 0);
  const broker = given.integer('broker-id', 0);
  const { topics } = admin;
  const described =
    topic === undefined ? await topics.list() : allRequired(await topics.describe([topic]));
  return described.flatMap(({ name, partitions }) => {
    const wanted = partitions.filter((each) => {
      const isNamed = partition === undefined || each.partition === partition;
      return isNamed && (broker === undefined || each.replicas.includes(broker));
    });
    return wanted.map((each) => ({ topic: name, partition: each.partition }));
  });
}
