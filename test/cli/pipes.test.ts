import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { Admin } from 'millrace/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, startCli } from './run-cli.ts';

const MAIN = fileURLToPath(new URL('../../dist/bundle/cli/main.js', import.meta.url));
const LINE = `${'x'.repeat(999)}\n`;
const LINES = 100_000;
const HAS_TERMINALS = spawnSync('script', ['--version']).status === 0;
const END_OF_INPUT = '\x04';
/** An idle Node takes 45 MB. */
const RSS_MB_MAX = 190;

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await startBroker();
});

afterAll(() => broker.close());

/** The most memory that a process has had, in MB; 0 where the system does not tell. */
function peakMb(pid: number): number {
  try {
    const [, kb] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kb ?? 0) / 1024;
  } catch (thrown) {
    if (['ENOENT', 'ESRCH'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return 0;
    throw thrown;
  }
}

/** Looks until the process ends. */
async function peakOf(child: ReturnType<typeof startCli>): Promise<number> {
  let peak = 0;
  const ended = once(child, 'close');
  while (child.exitCode === null && child.signalCode === null) {
    peak = Math.max(peak, peakMb(child.pid!));
    await sleep(5);
  }
  await ended;
  return peak;
}

async function shell(script: string): Promise<{ out: string; errors: string }> {
  const env = {
    ...process.env,
    MILLRACE_BOOTSTRAP_SERVERS: broker.bootstrapServers,
    MILLRACE: `${process.execPath} ${MAIN}`,
  };
  const child = spawn('bash', ['-c', script], { env });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    errors += text;
  });
  await once(child, 'close');
  return { out, errors };
}

describe('pipes', () => {
  it('carry 100 MB in and out, and little of it is held', async () => {
    await broker.createTopic('pipe');
    const block = Buffer.from(LINE.repeat(100));
    const producer = startCli(['produce', '-q', '-t', 'pipe'], broker.bootstrapServers);
    const peakIn = peakOf(producer);
    for (let i = 0; i < LINES / 100; i++) {
      if (!producer.stdin.write(block)) await once(producer.stdin, 'drain');
    }
    producer.stdin.end();
    expect(await peakIn).toBeLessThan(RSS_MB_MAX);
    expect(producer.exitCode).toBe(0);
    const consumer = startCli(
      ['consume', '-t', 'pipe', '-o', '0', '-e', '-q'],
      broker.bootstrapServers,
    );
    const peakOut = peakOf(consumer);
    let bytes = 0;
    for await (const chunk of consumer.stdout) bytes += (chunk as Buffer).length;
    expect(await peakOut).toBeLessThan(RSS_MB_MAX);
    expect(consumer.exitCode).toBe(0);
    expect(bytes).toBe(LINES * LINE.length);
  });

  it('may be left by their reader: the command ends with 0 and says nothing', async () => {
    await broker.createTopic('left');
    const servers = broker.bootstrapServers;
    await runCli(['produce', '-q', 'left'], { servers, input: LINE.repeat(5_000) });
    const headOf = (command: string) => {
      return shell(`$MILLRACE ${command} | head -1 | wc -l; echo "\${PIPESTATUS[0]}"`);
    };
    for (const flags of ['-e', '-f json', '-J', "-f '%o\\n'"]) {
      const { out, errors } = await headOf(`consume left -o 0 ${flags}`);
      expect([out.trim().split(/\s+/), errors]).toEqual([['1', '0'], '']);
    }
    const tee = await shell(
      `yes | $MILLRACE produce -q -T left | head -1; echo "\${PIPESTATUS[1]}"`,
    );
    expect([tee.out, tee.errors]).toEqual(['y\n0\n', '']);
  });

  it('leave a transaction aborted that SIGINT cuts', async () => {
    await broker.createTopic('cut');
    const { bootstrapServers } = broker;
    const flags = ['-X', 'transactional.id=cutter', '-X', 'linger.ms=0'];
    const child = startCli(['produce', '-T', '-t', 'cut', ...flags], bootstrapServers);
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.stdin.write('one\ntwo\n');
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(code).toBe(130);
    expect(errors).toContain('2 of 2 records were not sent to cut: the transaction was aborted');
    const read = ['consume', '-t', 'cut', '-o', '0', '-e', '-q'];
    const committed = ['--isolation-level', 'read_committed'];
    const all = { servers: bootstrapServers };
    expect((await runCli([...read, ...committed], all)).out).toBe('');
    await using admin = new Admin({ bootstrapServers });
    const [described] = (await admin.transactions.describe(['cutter'])).values();
    expect(described).toMatchObject({ state: 'CompleteAbort' });
  });
});

describe('a terminal', () => {
  it('is told how far a command is, and then what came of it', async (context) => {
    context.skip(!HAS_TERMINALS, 'script is not installed');
    await broker.createTopic('progress');
    const words = `produce -b ${broker.bootstrapServers} -t progress`;
    const command = `${process.execPath} ${MAIN} ${words}`;
    const child = spawn('script', ['-qec', command, '/dev/null']);
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stdin.write('one\n');
    await expect.poll(() => out, { timeout: 30_000 }).toMatch(/\[Ksent 1 records, 3 B, \d+\/s/);
    child.stdin.write(END_OF_INPUT);
    const [code] = await once(child, 'close');
    expect(out).toMatch(/\[K1 records sent to progress\r\n$/);
    expect(code).toBe(0);
  });
});
