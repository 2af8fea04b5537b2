/** Runs the jobs of a JSON file with the build for browsers of this repository's client. */

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { Chromium } from '../../lib/chromium.mjs';
import { readRecords, runJobs } from '../node/jobs.mjs';

async function pageProgram() {
  const input = fileURLToPath(new URL('page.mjs', import.meta.url));
  const bundle = await rolldown({ input, platform: 'browser' });
  const { output } = await bundle.generate({ format: 'iife' });
  await bundle.close();
  return output[0].code;
}

const { webSocket } = JSON.parse(await readFile(process.argv[2], 'utf8'));
const [browser, code] = await Promise.all([Chromium.start(), pageProgram()]);

/** In a page of the broker's, which its gateway lets in, and a new one for each job. */
async function inPage(name, job, records = null) {
  const url = webSocket.replace('ws', 'http').replace('/ws', '/healthz');
  await browser.send('Page.navigate', { url });
  await browser.evaluate(`new Promise((resolve) => setTimeout(resolve, 200))`);
  await browser.evaluate(code);
  const given = [webSocket, job, records].map((each) => JSON.stringify(each));
  return browser.evaluate(`jobs.${name}(${given.join(', ')})`);
}

async function read(name, job) {
  const records = await inPage(name, job);
  await writeFile(job.file, records.map((each) => `${JSON.stringify(each)}\n`).join(''));
}

await runJobs(
  {
    produce: async (_spec, job) => inPage('produce', job, await readRecords(job.file)),
    consume: (_spec, job) => read('consume', job),
    group: (_spec, job) => read('group', job),
  },
  () => browser.close(),
);
