/** The topologies of the rows. Each counts the records of its input as they come in. */
import { setTimeout as sleep } from 'node:timers/promises';
import { text, topic } from 'millrace/client';
import { int64, StreamsBuilder, timeWindowed, tumbling } from 'millrace/streams';
import type { ApplicationSetup } from './application-setup.ts';

/** How many records have come in. */
export interface RecordCounter {
  records: number;
}

const WINDOW = '10s';
const WINDOW_MS = 10_000;
const LEFT_OUT = '#';
const CALLS = 256;
const CALL_MS = 10;

const texts = (name: string) => topic(name, { key: text, value: text });

async function slowly(value: string): Promise<string> {
  await sleep(CALL_MS);
  return value;
}

export function benchTopology(setup: ApplicationSetup, counter: RecordCounter): StreamsBuilder {
  const builder = new StreamsBuilder();
  const { output } = setup;
  const counted = () =>
    builder.stream(texts(setup.input)).peek(() => {
      counter.records++;
    });
  switch (setup.topology) {
    case 'filter-map':
      counted()
        .filter((value) => !value.startsWith(LEFT_OUT))
        .mapValues((value) => `${value}!`)
        .to(texts(output));
      break;
    case 'count':
      counted()
        .groupByKey()
        .count({ as: 'counts' })
        .toStream()
        .to(topic(output, { key: text, value: int64 }));
      break;
    case 'window-count':
      counted()
        .groupByKey()
        .windowedBy(tumbling(WINDOW))
        .count({ as: 'counts' })
        .toStream()
        .to(topic(output, { key: timeWindowed(text, WINDOW_MS), value: int64 }));
      break;
    case 'async':
      counted().mapValuesAsync(slowly, { concurrency: CALLS, order: 'key' }).to(texts(output));
      break;
    case 'rows':
      builder
        .table(texts(setup.table), { as: 'rows' })
        .toStream()
        .forEach(() => {
          counter.records++;
        });
      break;
    case 'join': {
      const table = builder.table(texts(setup.table), { as: 'rows' });
      counted()
        .join(table, (value, row) => `${value}${row}`)
        .to(texts(output));
      break;
    }
  }
  return builder;
}
