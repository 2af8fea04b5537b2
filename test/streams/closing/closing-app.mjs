/**
 * Counts records in windows, all of which close with the last record: `BOOTSTRAP STATE_DIR GUARANTEE
 * HOW WINDOWS`. It tells a line of figures when it has counted so many windows, and another one when
 * each has given its result.
 */
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { untilWindowCloses } from '#millrace/streams/dsl/suppressed';
import { session, tumbling } from '#millrace/streams/dsl/windows';
import { Streams } from '#millrace/streams/runtime/streams';
import { int64 } from '#millrace/streams/serde/numbers';
import { Turns } from './turns.mjs';

const [bootstrapServers, stateDir, processingGuarantee, how, windows] = process.argv.slice(2);
const WINDOWS = Number(windows);
const LOOK_MS = 20;
/** Commits fall within. */
const SETTLES_MS = 3_000;
const texts = (name) => topic(name, { key: text, value: text });

let counted = 0;
let given = 0;
const builder = new StreamsBuilder();
const grouped = builder
  .stream(texts('input'))
  .peek(() => {
    counted++;
  })
  .groupByKey();
const tables = {
  'on-close': () => grouped.windowedBy(tumbling('1m')).emitStrategy('on-close').count(),
  suppress: () => grouped.windowedBy(tumbling('1m')).count().suppress(untilWindowCloses()),
  session: () => grouped.windowedBy(session('1m')).emitStrategy('on-close').count(),
};
tables[how]()
  .toStream((_count, { key }) => key)
  .peek(() => {
    given++;
  })
  .to(topic('output', { key: text, value: int64 }));
const app = new Streams(builder, {
  bootstrapServers,
  stateDir,
  processingGuarantee,
  applicationId: 'closing',
  // What closes with one record is one transaction.
  producer: { transactionTimeoutMs: 600_000 },
  ...(processingGuarantee === 'at_least_once' ? { commitIntervalMs: 1_000 } : {}),
  onError: ({ code, message }) => process.stderr.write(`${code}: ${message}\n`),
});

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(isSo) {
  while (!isSo()) {
    if (app.failure !== null) throw app.failure;
    await pause(LOOK_MS);
  }
}
const tell = (figures) => process.stdout.write(`${JSON.stringify(figures)}\n`);

await app.start();
const turns = new Turns();
await until(() => counted >= WINDOWS);
await pause(SETTLES_MS);
tell({ counted, ...turns.take() });
await until(() => given >= WINDOWS);
await pause(SETTLES_MS);
tell({ given, ...turns.take() });
await app.close();
tell({ closed: true, ...turns.take() });
process.exit(0);
