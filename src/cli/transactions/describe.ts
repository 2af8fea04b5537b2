import { required } from '../../client/admin/outcome.ts';
import type { TransactionDescription } from '../../client/admin/transaction-admin.ts';
import { partitionName } from '../../client/topic-partition.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { withAdmin } from '../with-admin.ts';

interface Row extends TransactionDescription {
  /** Null where no transaction is open. */
  readonly durationMs: number | null;
}

const NONE = 'None';

const COLUMNS: readonly TableColumn<Row>[] = [
  { title: 'CoordinatorId', value: ({ coordinator }) => coordinator },
  { title: 'TransactionalId', value: ({ transactionalId }) => transactionalId },
  { title: 'ProducerId', value: ({ producerId }) => producerId },
  { title: 'ProducerEpoch', value: ({ producerEpoch }) => producerEpoch },
  { title: 'TransactionState', value: ({ state }) => state },
  { title: 'TransactionTimeoutMs', value: ({ timeoutMs }) => timeoutMs },
  { title: 'CurrentTransactionStartTimeMs', value: ({ startMs }) => startMs ?? NONE },
  { title: 'TransactionDurationMs', value: ({ durationMs }) => durationMs ?? NONE },
  { title: 'TopicPartitions', value: ({ partitions }) => partitions.map(partitionName).join(',') },
];

export async function describeTransaction(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const name = given.name('transactional-id');
  const described = await withAdmin(given, async (admin) => {
    return required((await admin.transactions.describe([name])).get(name));
  });
  const { startMs } = described;
  const row = { ...described, durationMs: startMs === null ? null : Date.now() - startMs };
  if (isJson) await writeJson(row);
  else await writeTable(COLUMNS, [row]);
  return 0;
}
