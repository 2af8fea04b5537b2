/** Shared by the Node clients: reads the job file, runs each job, answers one JSON line a job. */

import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';

export const LIMIT_MS = 40_000;

export const decode = (text) => (text === null ? null : Buffer.from(text, 'base64'));
export const encode = (bytes) =>
  bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString('base64');

export async function readRecords(path) {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line));
}

/** Takes records until `count` have come; `done` settles then, or fails at the time limit. */
export function collector(path, count) {
  const out = createWriteStream(path);
  let left = count;
  let finish;
  let fail;
  const done = new Promise((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const limit = () => fail(new Error(`still ${left} records missing at the time limit`));
  const timer = setTimeout(limit, LIMIT_MS);
  return {
    get left() {
      return left;
    },
    add(record) {
      if (left === 0) return;
      out.write(`${JSON.stringify(record)}\n`);
      left -= 1;
      if (left === 0) finish();
    },
    done,
    async close() {
      clearTimeout(timer);
      out.end();
      await finished(out);
    },
  };
}

export async function runJobs(kinds, atEnd = async () => {}) {
  const spec = JSON.parse(await readFile(process.argv[2], 'utf8'));
  for (const [number, job] of spec.jobs.entries()) {
    const answer = { job: number, ok: true };
    try {
      await kinds[job.do](spec, job);
    } catch (error) {
      answer.ok = false;
      answer.error = describe(error);
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  await atEnd();
  process.exit(0);
}

function describe(error) {
  const causes = (error.errors ?? []).map((one) => describe(one)).join('; ');
  const cause = error.cause === undefined ? '' : ` (${describe(error.cause)})`;
  return `${error.name}: ${error.message}${cause}${causes === '' ? '' : ` [${causes}]`}`;
}
