/** The page that the gateway serves, in headless Chromium under a fast topic. */

import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Chromium } from '../lib/chromium.mjs';
import { createTopics, expectEqual } from '../lib/kafka-tools.mjs';

const PER_SECOND = 50_000;
const PER_COMMAND = 500;
const SETTLE_MS = 4_000;
const WATCH_MS = 5_000;
/** Of sixty: the machine has others to serve besides. */
const FRAMES_LEAST = 50;

/** Times of animation frames, and tasks of over 50 ms, while it watches. */
const WATCH = `new Promise((resolve) => {
  let longTasks = 0;
  const observer = new PerformanceObserver((list) => { longTasks += list.getEntries().length; });
  observer.observe({ entryTypes: ['longtask'] });
  const start = performance.now();
  let frames = 0;
  const onFrame = (now) => {
    frames++;
    if (now - start < ${WATCH_MS}) requestAnimationFrame(onFrame);
    else resolve({ perSecond: (frames * 1000) / (now - start), longTasks });
  };
  requestAnimationFrame(onFrame);
})`;

async function openSocket(url) {
  const socket = new WebSocket(url, 'millrace.json');
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return socket;
}

function commandFor(topic, acks) {
  const records = Array.from({ length: PER_COMMAND }, (_, i) => {
    return { key: `key ${i}`, value: `value ${i} ${'of some length '.repeat(6)}` };
  });
  const command = { type: 'produce', topic, records, acks };
  return JSON.stringify(acks === 0 ? command : { ...command, id: 1 });
}

/** Resolves when the records of one command are appended. */
async function produceOnce(url, topic) {
  const socket = await openSocket(url);
  const answered = new Promise((resolve) => {
    socket.on('message', (data) => {
      if (JSON.parse(data).id === 1) resolve();
    });
  });
  socket.send(commandFor(topic, 1));
  await answered;
  socket.terminate();
}

/** Produces at a steady rate until it is told to stop. */
async function startProducer(url, topic) {
  const socket = await openSocket(url);
  const command = commandFor(topic, 0);
  const fromMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - fromMs) * PER_SECOND) / 1000;
    for (; sent < due; sent += PER_COMMAND) socket.send(command);
  }, 5);
  return () => {
    clearInterval(timer);
    socket.terminate();
  };
}

function typeFilter(text) {
  return `{
    const field = document.getElementById('tail-filter');
    field.value = ${JSON.stringify(text)};
    field.dispatchEvent(new Event('input'));
  }`;
}

function expectAtLeast(value, least, what) {
  if (!(value >= least)) throw new Error(`${what}: ${value}, at least ${least} are wanted`);
}

async function page(context) {
  const browser = await Chromium.start();
  const broker = await context.broker();
  const topic = context.unique('page');
  await createTopics(broker, [topic]);
  const quiet = context.unique('page-quiet');
  await createTopics(broker, [quiet]);
  await produceOnce(`ws://${broker.http}/ws`, quiet);
  const stop = await startProducer(`ws://${broker.http}/ws`, topic);
  const figures = () => browser.evaluate('document.getElementById("tail-figures").textContent');
  try {
    await context.step('a newcomer sees the last hundred records of a quiet topic', async () => {
      await browser.send('Page.navigate', { url: `http://${broker.http}/#${quiet}` });
      await sleep(SETTLE_MS);
      const rows = 'document.querySelectorAll("#records tr").length';
      expectEqual(await browser.evaluate(rows), 100, 'rows');
      await browser.send('Page.navigate', { url: 'about:blank' });
    });
    await browser.send('Page.navigate', { url: `http://${broker.http}/#${topic}` });
    await sleep(SETTLE_MS);
    const { perSecond, longTasks } = await browser.evaluate(WATCH);
    await context.step('the tail keeps up with 50,000 records a second', async () => {
      const [, rate] = /([\d,]+)\/s$/.exec(await figures());
      expectAtLeast(Number(rate.replaceAll(',', '')), PER_SECOND * 0.9, 'records a second');
    });
    await context.step('and drops no frames of its own', async () => {
      expectAtLeast(Math.round(perSecond), FRAMES_LEAST, 'frames a second');
      expectEqual(longTasks > 5, false, `${longTasks} tasks of over 50 ms, more than 5`);
    });
    await context.step('a filter shows what fits; the tail can be paused', async () => {
      await browser.evaluate(typeFilter('VALUE 499 '));
      await sleep(1_000);
      const texts = await browser.evaluate(
        '[...document.querySelectorAll("#records tr")].map((row) => row.cells[4].textContent)',
      );
      expectAtLeast(texts.length, 10, 'rows');
      expectEqual(
        texts.every((text) => text.startsWith('value 499 ')),
        true,
        'all rows fit',
      );
      await browser.evaluate('document.getElementById("tail-pause").click()');
      await sleep(1_000);
      const seen = await figures();
      await sleep(500);
      expectEqual((await figures()).split(' · ')[0], seen.split(' · ')[0], 'records while paused');
    });
    await context.step('another filter finds what has just gone by, while paused', async () => {
      await browser.evaluate(typeFilter('value 498 '));
      await sleep(500);
      const text = await browser.evaluate(
        'document.querySelector("#records tr")?.cells[4].textContent ?? "no row"',
      );
      expectEqual(text.startsWith('value 498 '), true, text);
    });
    await context.step('the page complains of nothing', () => {
      expectEqual(browser.complaints.join('; '), '', 'warnings and errors');
    });
    await writeFile(context.logFile.replace(/\.log$/, '.png'), await browser.screenshot());
  } finally {
    stop();
    await browser.close();
  }
}

export const gatewayPageChecks = [
  {
    name: 'gateway-page',
    proves:
      'headless Chromium: the page tails 50,000 records/s, at least 50 frames/s, the last hundred of a quiet topic, a filter',
    needs: 'chromium',
    command: 'chromium --headless=new http://…/#TOPIC; a screenshot is kept beside the log',
    sets: ['full', 'gateway'],
    limitS: 90,
    brokers: ['millrace'],
    run: page,
  },
];
