/** Where an application stands: its group, what it has committed of each partition, and the ends. */
import { Admin } from '#millrace/client/admin/admin';
import { required } from '#millrace/client/admin/outcome';

const TIMEOUT_MS = 10_000;

async function endsOf(admin, places, isolationLevel) {
  const queries = places.map((place) => ({ ...place, at: 'latest' }));
  const found = await admin.records.offsets(queries, { isolationLevel });
  return new Map(
    found.map(({ topic, partition, outcome }) => [
      `${topic}-${partition}`,
      required(outcome).offset,
    ]),
  );
}

async function groupLine({ groups }, group) {
  const { type } = (await groups.list()).find(({ groupId }) => groupId === group) ?? {};
  const asked = type === 'streams' ? groups.describeStreams([group]) : groups.describe([group]);
  const { state, members } = required((await asked).get(group));
  const names = members.map(({ clientId }) => clientId).toSorted();
  return `group ${group}, ${state}: ${names.join(', ') || 'no members'}`;
}

/** Those that are there between transactions too, so that they only change with a transaction. */
async function transactionLines(admin) {
  const ids = (await admin.transactions.list()).map(({ transactionalId }) => transactionalId);
  const all = (await admin.transactions.describe(ids)).values();
  return Array.from(all, required).map(({ transactionalId, producerEpoch, state, startMs }) => {
    return `transactions of ${transactionalId}: ${state}, epoch ${producerEpoch}, since ${startMs}`;
  });
}

/** One line for the group and one for each partition; they change where anything goes on. */
export async function streamsStanding(bootstrapServers, group) {
  const admin = new Admin({ bootstrapServers, defaultApiTimeoutMs: TIMEOUT_MS });
  try {
    const topics = (await admin.topics.list()).filter(({ name }) => !name.startsWith('__'));
    const places = topics.flatMap(({ name, partitions }) => {
      return partitions.map(({ partition }) => ({ topic: name, partition }));
    });
    const [all, stable] = [
      await endsOf(admin, places, 'read-uncommitted'),
      await endsOf(admin, places, 'read-committed'),
    ];
    const listed = required((await admin.groupOffsets.list([group])).get(group));
    const committed = new Map(
      listed.map(({ topic, partition, offset }) => [`${topic}-${partition}`, offset]),
    );
    const lines = Array.from(all, ([name, end]) => {
      const open = stable.get(name) === end ? '' : `, undecided from ${stable.get(name)}`;
      const read = committed.has(name) ? `, ${committed.get(name)} committed` : '';
      return `${name}: end ${end}${open}${read}`;
    });
    const transactions = await transactionLines(admin);
    return [await groupLine(admin, group), ...transactions, ...lines.toSorted()].join('\n');
  } catch (thrown) {
    return `not to be had: ${thrown.message}`;
  } finally {
    await admin.close();
  }
}
