import type { ListedTransaction } from '../../client/admin/transaction-admin.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { withAdmin } from '../with-admin.ts';

const COLUMNS: readonly TableColumn<ListedTransaction>[] = [
  { title: 'TransactionalId', value: ({ transactionalId }) => transactionalId },
  { title: 'Coordinator', value: ({ coordinator }) => coordinator },
  { title: 'ProducerId', value: ({ producerId }) => producerId },
  { title: 'TransactionState', value: ({ state }) => state },
];

export async function listTransactions(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const filter = {
    longerThanMs: given.integer('duration-filter'),
    pattern: given.text('transactional-id-pattern'),
  };
  const listed = await withAdmin(given, (admin) => admin.transactions.list(filter));
  if (isJson) await writeJson(listed);
  else await writeTable(COLUMNS, listed);
  return 0;
}
