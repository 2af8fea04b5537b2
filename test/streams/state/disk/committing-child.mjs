/**
 * Commits for ever: one more in each of a hundred rows. After each commit it says how far it is.
 * Rows are in a file of lmdb where that is the second argument; each commit adds a row then, since
 * the file would not grow.
 */
import { text } from '#millrace/client/serde/serdes';
import { lmdbStores } from '#millrace/streams/lmdb-stores';
import { int64 } from '#millrace/streams/serde/numbers';
import { TaskState } from '#millrace/streams/state/disk/task-state';
import { makeStore } from '#millrace/streams/state/make-store';

const [directory, storeType] = process.argv.slice(2);
const store = makeStore({
  name: 'counts',
  kind: 'key-value',
  logging: true,
  logConfig: {},
  caching: false,
  persistent: true,
  timestamped: true,
  key: text,
  value: int64,
  storeType: storeType === 'lmdb' ? lmdbStores({ cacheBytes: 1_000 }) : undefined,
});
store.open({
  taskId: { subtopology: 0, partition: 0 },
  applicationId: 'app',
  directory,
  changelogTopic: (name) => name,
  log: () => undefined,
  streamTime: 0,
  timestamp: 0,
  headers: undefined,
  systemTime: () => 0,
  requestCommit: () => undefined,
});

function say(words) {
  // A pipe may lose what is only queued when the process is killed.
  process.stdout._handle.setBlocking(true);
  process.stdout.write(`${words}\n`);
}

const state = new TaskState('0_0', directory, [store]);
await state.opening;
say('ready');
let offset = state.offsets.get('counts') ?? 0;
try {
  for (;;) {
    offset++;
    for (let key = 0; key < 100; key++) store.put(`k${key}`, offset, offset);
    if (storeType === 'lmdb') store.put(`grown${offset}`, offset, offset);
    state.commit(new Map([['counts', offset]]));
    say(offset);
  }
} catch (thrown) {
  say(`${thrown.code} ${thrown.message}`);
  try {
    state.commit(new Map([['counts', offset]]));
  } catch (again) {
    say(`again ${again.code}`);
  }
}
