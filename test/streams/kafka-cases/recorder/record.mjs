#!/usr/bin/env node
/**
 * Runs Kafka's own tests of the DSL and writes down what they put into the TopologyTestDriver and
 * what comes of it: `node record.mjs kstream.internals.KStreamFilterTest …`
 * writes `../recorded/KStreamFilterTest.json`. The driver and the
 * processor that the tests look into are compiled from Kafka's sources with calls of the recorder.
 */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { installed } from '../../../conformance/lib/cache.mjs';
import { mustExecute } from '../../../conformance/lib/process.mjs';
import { needs } from '../../../conformance/lib/toolchains.mjs';
import { RECORDED } from '../topologies/all.mjs';

const HERE = import.meta.dirname;
const VERSION = '4.3.1';
const INSTALL_MS = 600_000;
const RUN_MS = 900_000;
const LISTENERS = 'org.junit.platform.launcher.TestExecutionListener';
const DRIVER = 'org/apache/kafka/streams/TopologyTestDriver.java';
const PROCESSOR = 'org/apache/kafka/test/MockApiProcessor.java';

/** Behind which lines which calls go. */
const CALLS = {
  [DRIVER]: [
    [
      /private TopologyTestDriver\(final InternalTopologyBuilder builder,[^{]*\{/,
      'millrace.Recorder.begin(builder.describe().toString(), config, initialWallClockTimeMs);',
    ],
    [
      /private void pipeRecord\(final String topicName,[^{]*\{/,
      'millrace.Recorder.input(topicName, timestamp, key, value, headers);',
    ],
    [
      /for \(final ProducerRecord<byte\[\], byte\[\]> record : output\) \{/,
      'millrace.Recorder.output(record);',
    ],
    [
      /public void advanceWallClockTime\(final Duration advance\) \{/,
      'millrace.Recorder.advance(advance.toMillis());',
    ],
  ],
  [PROCESSOR]: [
    [
      /public void process\(final Record<KIn, VIn> record\) \{/,
      'millrace.Recorder.seen(record.key(), record.value(), record.timestamp());',
    ],
  ],
};

/** A source of Kafka from one of its jars of sources, which Maven fetches. */
async function sourceOf(artifact, classifier, path, folder) {
  const coordinates = `org.apache.kafka:${artifact}:${VERSION}:jar:${classifier}`;
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get';
  const args = ['-B', '-q', goal, `-Dartifact=${coordinates}`, '-Dtransitive=false'];
  await mustExecute('mvn', args, { timeoutMs: INSTALL_MS });
  const jar = `${artifact}-${VERSION}-${classifier}.jar`;
  const repository = join(homedir(), '.m2', 'repository', 'org', 'apache', 'kafka');
  const file = join(repository, artifact, VERSION, jar);
  await mustExecute('jar', ['xf', file, path], { cwd: folder });
  return readFile(join(folder, path), 'utf8');
}

function withCalls(source, path) {
  return CALLS[path].reduce((text, [place, call]) => {
    const match = place.exec(text);
    if (match === null) throw new Error(`${path} has no ${place}`);
    const end = match.index + match[0].length;
    return `${text.slice(0, end)}\n${call}${text.slice(end)}`;
  }, source);
}

async function classPath() {
  needs('java', 'javac', 'jar', 'mvn');
  const pom = join(HERE, 'pom.xml');
  const ours = ['Recorder.java', 'CaseListener.java'].map((name) => join(HERE, name));
  const texts = await Promise.all([pom, ...ours].map((file) => readFile(file, 'utf8')));
  const jars = await installed('streams-recorder-jars', texts.slice(0, 1), async (folder) => {
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
    const args = ['-B', '-q', '-f', pom, goal, `-DoutputDirectory=${folder}`];
    await mustExecute('mvn', args, { timeoutMs: INSTALL_MS });
  });
  const key = [...texts, JSON.stringify(CALLS, (_, each) => String(each?.source ?? each))];
  const classes = await installed('streams-recorder', key, async (folder) => {
    const sources = [...ours];
    for (const [artifact, classifier, path] of [
      ['kafka-streams-test-utils', 'sources', DRIVER],
      ['kafka-streams', 'test-sources', PROCESSOR],
    ]) {
      const source = await sourceOf(artifact, classifier, path, folder);
      const file = join(folder, 'patched', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, withCalls(source, path));
      sources.push(file);
    }
    const args = ['-nowarn', '-cp', join(jars, '*'), '-d', folder, ...sources];
    await mustExecute('javac', args, { timeoutMs: INSTALL_MS });
    const services = join(folder, 'META-INF', 'services');
    await mkdir(services, { recursive: true });
    await writeFile(join(services, LISTENERS), 'millrace.CaseListener');
  });
  return [classes, join(jars, '*')].join(delimiter);
}

const names = process.argv.slice(2);
const path = await classPath();
const folder = await mkdtemp(join(tmpdir(), 'millrace-recorder-'));
const recorded = join(HERE, '..', 'recorded');
await mkdir(recorded, { recursive: true });
const quiet = '-Dlog4j2.level=WARN';
const run = ['-Xmx1g', quiet, `-Dmillrace.recorded=${recorded}`, `-Djava.io.tmpdir=${folder}`];
const main = 'org.junit.platform.console.ConsoleLauncher';
const select = names.flatMap((name) => ['--select-class', `org.apache.kafka.streams.${name}`]);
const args = [
  ...run,
  '-cp',
  path,
  main,
  'execute',
  ...select,
  '--details',
  'summary',
  '--disable-banner',
];
const { stdout } = await mustExecute('java', args, { timeoutMs: RUN_MS });
process.stdout.write(stdout.slice(stdout.indexOf('Test run finished')));
await rm(folder, { recursive: true, force: true });
// Runs that no topology here stands for are not kept.
for (const name of names.map((each) => each.split('.').at(-1))) {
  const file = join(recorded, `${name}.json`);
  const all = JSON.parse(await readFile(file, 'utf8'));
  const kept = Object.entries(all).filter(([each]) => RECORDED[name]?.[each] !== undefined);
  await writeFile(file, `${JSON.stringify(Object.fromEntries(kept))}\n`);
}
