/** Headless Chromium, driven over its debugging protocol. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { Unavailable } from './cache.mjs';
import { endGroup, hasProgram, launch } from './process.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars'];
const START_LIMIT_MS = 30_000;

export class Chromium {
  #child;
  #folder;
  #socket;
  #lastId = 0;
  #pending = new Map();
  /** What the page wrote to its console as warnings and errors, and what it threw. */
  complaints = [];

  /** Whether there is one on this machine. */
  static get isInstalled() {
    return NAMES.some(hasProgram);
  }

  static async start(width = 1400, height = 900) {
    const program = NAMES.find(hasProgram);
    if (program === undefined) throw new Unavailable('chromium not found');
    const browser = new Chromium();
    browser.#folder = await mkdtemp(join(tmpdir(), 'millrace-chromium-'));
    const own = [`--user-data-dir=${browser.#folder}`, `--window-size=${width},${height}`];
    const args = [...FLAGS, ...own, '--remote-debugging-port=0', 'about:blank'];
    browser.#child = launch(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const port = await debuggingPort(browser.#child);
    const pages = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    await browser.#connect(pages.find(({ type }) => type === 'page').webSocketDebuggerUrl);
    for (const domain of ['Page', 'Runtime', 'Log']) await browser.send(`${domain}.enable`);
    return browser;
  }

  async #connect(url) {
    this.#socket = new WebSocket(url, { perMessageDeflate: false });
    this.#socket.on('message', (data) => this.#onMessage(JSON.parse(data)));
    await new Promise((resolve, reject) => {
      this.#socket.once('open', resolve);
      this.#socket.once('error', reject);
    });
  }

  #onMessage({ id, method, params, result, error }) {
    if (id !== undefined) {
      const { resolve, reject } = this.#pending.get(id);
      this.#pending.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error.message));
    } else if (method === 'Runtime.exceptionThrown') {
      this.complaints.push(params.exceptionDetails.exception?.description ?? 'an exception');
    } else if (method === 'Log.entryAdded' && params.entry.level === 'error') {
      this.complaints.push(params.entry.text);
    } else if (method === 'Runtime.consoleAPICalled' && /error|warning/.test(params.type)) {
      this.complaints.push(
        params.args.map(({ value, description }) => value ?? description).join(),
      );
    }
  }

  send(method, params = {}) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** The value of an expression in the page; promises are awaited. */
  async evaluate(expression) {
    const wanted = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', wanted);
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception.description);
    return result.value;
  }

  async screenshot() {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(data, 'base64');
  }

  async close() {
    this.#socket?.terminate();
    await endGroup(this.#child);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function debuggingPort(child) {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Unavailable('chromium does not start'));
    const timer = setTimeout(late, START_LIMIT_MS);
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
      const port = /DevTools listening on ws:\/\/[^:]+:(\d+)/.exec(said)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
    child.once('exit', () => reject(new Unavailable(`chromium ended: ${said.slice(-500)}`)));
  });
}
