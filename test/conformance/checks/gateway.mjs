/** The WebSocket and HTTP gateway under clients and a test suite that others wrote. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY, Unavailable } from '../lib/cache.mjs';
import { CLIENTS, MILLRACE_IN_BROWSER, withScratch } from '../lib/clients.mjs';
import { createTopics, expectEqual, expectMatch } from '../lib/kafka-tools.mjs';
import { execute, hasProgram, launch, mustExecute, signalGroup } from '../lib/process.mjs';
import { autobahnSuite, VERSIONS as SUITES } from '../lib/suites.mjs';
import { node, pythonWebSockets, VERSIONS } from '../lib/toolchains.mjs';
import { groupClient } from './groups.mjs';
import { roundTrip } from './round-trips.mjs';

/** Compression of frames (12, 13) is left out: the gateway never agrees to it. */
const AUTOBAHN_CASES = ['1.*', '2.*', '3.*', '4.*', '5.*', '6.*', '7.*', '9.*', '10.*'];
const GOOD = ['OK', 'INFORMATIONAL', 'NON-STRICT'];

/** A client program that says `{"step", "error"}` in one line for each of its steps. */
async function stepsOf(context, program, args) {
  const broker = await context.broker();
  const topic = context.unique('gateway');
  await createTopics(broker, [topic]);
  const all = [...args, `ws://${broker.http}/ws`, topic];
  const result = await execute(program, all, { timeoutMs: 120_000 });
  const lines = result.stdout.split('\n').filter((line) => line.startsWith('{'));
  const tests = lines.map((line) => {
    const { step, error } = JSON.parse(line);
    return { name: step, outcome: error === null ? 'pass' : 'fail', error: error ?? undefined };
  });
  context.suite(tests);
  if (result.code !== 0) throw new Error(`exit ${result.code}: ${result.stderr.slice(-1500)}`);
}

async function wsPackage(context) {
  const { folder } = await node();
  await stepsOf(context, process.execPath, [join(folder, 'gateway-ws.mjs')]);
}

async function websockets(context) {
  const { command, program } = await pythonWebSockets();
  await stepsOf(context, command, [program]);
}

/** KafkaJS as a tab would run it: every request over the subprotocol `kafka`. */
async function kafkaJs(context) {
  const broker = await context.broker();
  const client = { ...CLIENTS.kafkajs, spec: { webSocket: `ws://${broker.http}/ws` } };
  await withScratch((folder) => roundTrip(context, 'kafkajs-ws', client, folder));
  await groupClient(context, 'kafkajs-ws', client);
}

async function millraceInBrowser(context) {
  const broker = await context.broker();
  const client = { ...MILLRACE_IN_BROWSER, spec: { webSocket: `ws://${broker.http}/ws` } };
  const { java, kafkajs } = CLIENTS;
  await withScratch((folder) => {
    return roundTrip(context, 'browser', client, folder, { java, kafkajs });
  });
  await groupClient(context, 'browser', client);
}

async function curl(context) {
  if (!hasProgram('curl')) throw new Unavailable('curl not found');
  const broker = await context.broker();
  const topic = context.unique('curl');
  await createTopics(broker, [topic]);
  const at = `http://${broker.http}/topics/${topic}`;
  await context.step('POST of NDJSON', async () => {
    const lines = Array.from({ length: 50 }, (_, i) => JSON.stringify({ value: `v${i}` }));
    const args = ['-sS', '--fail', '--data-binary', '@-', `${at}/records`];
    const { stdout } = await mustExecute('curl', args, { input: lines.join('\n') });
    expectEqual(JSON.parse(stdout).offsets[0].count, 50, 'records');
  });
  await context.step('GET of NDJSON from an offset with a limit', async () => {
    const args = ['-sS', '--fail', `${at}/records?from=10&limit=5`];
    const { stdout } = await mustExecute('curl', args);
    const values = stdout.trim().split('\n');
    expectEqual(values.map((line) => JSON.parse(line).value).join(), 'v10,v11,v12,v13,v14', '');
  });
  let last = '';
  await context.step('curl -N of server-sent events', async () => {
    const { ids, values } = await events(`${at}/events?from=earliest`, []);
    expectEqual(values.length, 50, 'events');
    last = ids.at(20);
  });
  await context.step('Last-Event-ID goes on with the next record', async () => {
    const { values } = await events(`${at}/events`, ['-H', `Last-Event-ID: ${last}`]);
    expectEqual(values[0], `v${Number(/:(\d+)/.exec(last)[1])}`, 'the next');
    expectEqual(values.length, 50 - Number(/:(\d+)/.exec(last)[1]), 'events');
  });
  await context.step('an unknown topic is a 404 that a machine can read', async () => {
    const args = ['-sS', '-w', '\n%{http_code}', `http://${broker.http}/topics/none/events`];
    const { stdout } = await mustExecute('curl', args);
    expectMatch(stdout, /"code":"unknown_topic"[\s\S]*\n404$/, 'answer');
  });
}

/** What comes within two seconds; curl ends by its own time limit then, with 28. */
async function events(url, more) {
  const args = ['-sS', '-N', '--max-time', '2', ...more, url];
  const { code, stdout } = await execute('curl', args);
  expectEqual(code, 28, 'exit status of curl');
  const found = { ids: [], values: [] };
  for (const event of stdout.split('\n\n')) {
    const id = /^id: (.+)$/m.exec(event);
    const data = /^data: (.+)$/m.exec(event);
    if (id !== null) found.ids.push(id[1]);
    if (data !== null) found.values.push(JSON.parse(data[1]).value);
  }
  return found;
}

async function autobahn(context) {
  for (const engine of ['uws', 'node']) await autobahnOn(context, engine);
}

/** The echo that its cases need stands behind the gateway's own socket code. */
async function autobahnOn(context, engine) {
  const { python, program, env } = await autobahnSuite();
  const echo = launch(
    process.execPath,
    [join(REPOSITORY, 'test/conformance/lib/echo-server.mjs'), engine],
    {
      cwd: REPOSITORY,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    const port = await new Promise((resolve, reject) => {
      echo.once('exit', (code) => reject(new Error(`the echo server ended with ${code}`)));
      echo.stdout.on('data', (text) => resolve(/echo ready (\d+)/.exec(text)?.[1]));
    });
    await withScratch((folder) =>
      autobahnRun(context, { python, program, env, port, folder, engine }),
    );
  } finally {
    signalGroup(echo, 'SIGTERM');
  }
}

async function autobahnRun(context, { python, program, env, port, folder, engine }) {
  const outdir = join(folder, 'reports');
  await mkdir(outdir);
  const spec = join(folder, 'spec.json');
  const servers = [{ agent: 'millrace', url: `ws://127.0.0.1:${port}/ws` }];
  const wanted = { outdir, servers, cases: AUTOBAHN_CASES, 'exclude-cases': [] };
  await writeFile(spec, JSON.stringify({ ...wanted, 'exclude-agent-cases': {} }));
  const logFile = context.logFile.replace(/\.log$/, `-${engine}.out`);
  const args = [program, '-m', 'fuzzingclient', '-s', spec];
  await mustExecute(python, args, { cwd: folder, env, timeoutMs: 500_000, logFile });
  const { millrace } = JSON.parse(await readFile(join(outdir, 'index.json'), 'utf8'));
  context.suite(
    Object.entries(millrace).map(([name, { behavior, behaviorClose }]) => {
      const isGood = GOOD.includes(behavior) && GOOD.includes(behaviorClose);
      const error = `${behavior}, closing ${behaviorClose}`;
      const mark = behavior === 'NON-STRICT' ? ' (non-strict)' : '';
      return { name: `${engine}: ${name}${mark}`, outcome: isGood ? 'pass' : 'fail', error };
    }),
  );
}

function check(name, proves, needs, command, sets, limitS, run) {
  return { name, proves, needs, command, sets, limitS, run, brokers: ['millrace'] };
}

const QUICK = ['quick', 'full', 'gateway'];

export const gatewayChecks = [
  check(
    'gateway-ws',
    `ws ${VERSIONS.ws} (npm): millrace.json and millrace.batch, tokens, fragments, closing`,
    'npm',
    'node gateway-ws.mjs ws://…/ws TOPIC',
    QUICK,
    120,
    wsPackage,
  ),
  check(
    'gateway-websockets',
    `websockets ${VERSIONS.websockets} (Python): millrace.json, groups, slow reader, refusals`,
    'python3',
    'python gateway_json.py ws://…/ws TOPIC',
    QUICK,
    180,
    websockets,
  ),
  check(
    'gateway-curl',
    'curl -N: server-sent events with Last-Event-ID; NDJSON in and out',
    'curl',
    'curl -N -H "Last-Event-ID: …" http://…/topics/TOPIC/events',
    QUICK,
    60,
    curl,
  ),
  check(
    'gateway-kafkajs',
    'KafkaJS 2.2.4 over the subprotocol kafka: all codecs both ways, a group',
    'npm, java, mvn',
    'clients: as round-trip-kafkajs and group-kafkajs, with a socket factory',
    QUICK,
    300,
    kafkaJs,
  ),
  check(
    'gateway-millrace',
    'millrace/client in headless Chromium: all codecs both ways with Java and KafkaJS, groups',
    MILLRACE_IN_BROWSER.needs,
    'clients: as round-trip-millrace and group-millrace, over the subprotocol kafka',
    ['full', 'gateway'],
    300,
    millraceInBrowser,
  ),
  check(
    'gateway-autobahn',
    `Autobahn test suite ${SUITES.autobahn}: its server cases 1-7, 9, 10`,
    'python2.7',
    'wstest -m fuzzingclient -s spec.json',
    ['full', 'gateway'],
    1200,
    autobahn,
  ),
];
