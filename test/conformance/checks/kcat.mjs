/** kcat (librdkafka's command line) from Debian: metadata, produce, consume, offset queries. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withScratch } from '../lib/clients.mjs';
import { createTopics, expectEqual, expectMatch } from '../lib/kafka-tools.mjs';
import { mustExecute } from '../lib/process.mjs';
import { kcat } from '../lib/toolchains.mjs';

async function kcatCheck(context) {
  const { program } = await kcat();
  const broker = await context.broker();
  const topic = context.unique('kcat');
  await createTopics(broker, [{ name: topic, partitions: 2 }]);
  const run = async (args, input) => {
    const all = ['-b', broker.bootstrap, ...args];
    return (await mustExecute(program, all, { input, timeoutMs: 30_000 })).stdout;
  };
  await context.step('-L lists broker and topic', async () => {
    const out = await run(['-L', '-J']);
    const listed = JSON.parse(out);
    expectEqual(listed.brokers.length, 1, 'brokers');
    const found = listed.topics.find((one) => one.topic === topic);
    expectEqual(found.partitions.length, 2, 'partitions');
  });
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    await context.step(`-P and -C with ${codec}`, async () => {
      const name = `${topic}-${codec}`;
      await createTopics(broker, [name]);
      const rows = Array.from({ length: 500 }, (_, i) => `k${i}:value ${i} ${'x'.repeat(i)}`);
      const flags = ['-X', `compression.type=${codec}`, '-H', 'a=b'];
      await run(['-P', '-t', name, '-p', '0', '-K', ':', ...flags], `${rows.join('\n')}\n`);
      const format = ['-f', '%o|%h|%k:%s\\n'];
      const out = await run([
        '-C',
        '-t',
        name,
        '-p',
        '0',
        '-o',
        'beginning',
        '-e',
        '-q',
        ...format,
      ]);
      const got = out.trimEnd().split('\n');
      expectEqual(got.length, 500, 'records');
      for (const [i, row] of rows.entries()) expectEqual(got[i], `${i}|a=b|${row}`, `record ${i}`);
    });
  }
  await context.step('-Z null key and value', async () => {
    const name = `${topic}-null`;
    await createTopics(broker, [name]);
    await run(['-P', '-t', name, '-p', '0', '-K', ':', '-Z'], 'k:\n:v\n');
    const out = await run(['-C', '-t', name, '-p', '0', '-e', '-q', '-Z', '-f', '%K/%k %S/%s\\n']);
    expectEqual(out, '1/k -1/NULL\n-1/NULL 1/v\n', 'lengths and contents');
  });
  await context.step('-Q by time', async () => {
    const name = `${topic}-none`;
    const start = await run(['-Q', '-t', `${name}:0:0`]);
    expectMatch(start, /\[0\] offset 0\b/, 'first at time 0');
    const end = await run(['-Q', '-t', `${name}:0:-1`]);
    expectMatch(end, /\[0\] offset 500\b/, 'end');
    const later = await run(['-Q', '-t', `${name}:0:${Date.now() + 3_600_000}`]);
    expectMatch(later, /\[0\] offset (-1|500)\b/, 'after the end');
  });
  await context.step('-o from an offset, from the tail, and -c', async () => {
    const from = ['-C', '-t', `${topic}-none`, '-p', '0', '-q', '-f', '%o\\n'];
    expectEqual((await run([...from, '-o', '490', '-e'])).split('\n').length, 11, 'from 490');
    expectEqual(await run([...from, '-o', '-3', '-e']), '497\n498\n499\n', 'the last three');
    expectEqual(await run([...from, '-o', '7', '-c', '2']), '7\n8\n', 'two records');
  });
  await context.step('a topic made by producing to it', async () => {
    const name = `${topic}-auto`;
    await run(['-P', '-t', name, '-X', 'allow.auto.create.topics=true'], 'hello\n');
    expectEqual(await run(['-C', '-t', name, '-e', '-q']), 'hello\n', 'record');
  });
  await context.step('a file as one message of 900 KB', () =>
    withScratch(async (folder) => {
      const file = join(folder, 'large');
      await writeFile(file, Buffer.alloc(900_000, 'large message '));
      const name = `${topic}-large`;
      await createTopics(broker, [name]);
      await run(['-P', '-t', name, '-p', '0', file]);
      const out = await run(['-C', '-t', name, '-p', '0', '-e', '-q', '-f', '%S']);
      expectEqual(out, '900000', 'length');
    }),
  );
}

export const kcatChecks = [
  {
    name: 'kcat',
    proves: 'kcat 1.7.1 (librdkafka 2.0.2): -L, -P, -C, -Q, all codecs, nulls, offsets',
    needs: 'kcat, java, mvn',
    command: 'kcat -L | -P | -C | -Q …',
    sets: ['quick', 'full'],
    limitS: 180,
    run: kcatCheck,
  },
];
