import { spawn } from 'node:child_process';
import { expect } from 'vitest';
import { allCodecs } from '../../src/protocol/api-registry.ts';
import { ByteWriter } from '../../src/protocol/byte-writer.ts';
import type { MessageCodec } from '../../src/protocol/message-codec.ts';
import { randomMessage, seededRandom } from './random-message.ts';

const ROUNDS = 12;

interface Case {
  readonly name: string;
  readonly key: number;
  readonly version: number;
  readonly isResponse: boolean;
  readonly body: Buffer;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** Random messages of every API in every version, as we encode them. */
function randomCases(): Case[] {
  const cases: Case[] = [];
  const writer = new ByteWriter();
  const add = (key: number, codec: MessageCodec<unknown>, isResponse: boolean) => {
    for (let version = codec.versions.lowest; version <= codec.versions.highest; version++) {
      const random = seededRandom(key * 100 + version);
      for (let round = 0; round < ROUNDS; round++) {
        writer.begin();
        codec.encoder(version)(writer, randomMessage(codec.schema, version, random));
        const name = `${codec.schema.name} v${version} round ${round}`;
        cases.push({ name, key, version, isResponse, body: writer.finish() });
      }
    }
  };
  for (const api of allCodecs()) {
    add(api.key, api.request, false);
    add(api.key, api.response, true);
  }
  return cases;
}

function framed(each: Case): Buffer {
  const head = Buffer.alloc(9);
  head.writeInt32BE(5 + each.body.length, 0);
  head.writeInt16BE(each.key, 4);
  head.writeInt16BE(each.version, 6);
  head.writeInt8(each.isResponse ? 1 : 0, 8);
  return Buffer.concat([head, each.body]);
}

function parseAnswers(output: Buffer): Answer[] {
  const answers: Answer[] = [];
  for (let at = 0; at < output.length; ) {
    const length = output.readInt32BE(at);
    const body = output.subarray(at + 5, at + 4 + length);
    answers.push({ status: output[at + 4]!, body });
    at += 4 + length;
  }
  return answers;
}

async function ask(command: string, args: readonly string[], input: Buffer): Promise<Buffer> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.stdin.on('error', reject);
    child.on('close', resolve);
  });
  child.stdin.end(input);
  expect(await ended, complaints).toBe(0);
  return Buffer.concat(output);
}

/**
 * Has another implementation decode and encode random messages, and expects the bytes that we
 * wrote. `unknown` are the messages that the other one does not have.
 */
export async function expectSameBytes(
  command: string,
  args: readonly string[],
): Promise<{ compared: number; unknown: Set<string> }> {
  const cases = randomCases();
  const answers = parseAnswers(await ask(command, args, Buffer.concat(cases.map(framed))));
  expect(answers.length).toBe(cases.length);
  const unknown = new Set<string>();
  const wrong: string[] = [];
  let compared = 0;
  for (const [i, each] of cases.entries()) {
    const answer = answers[i]!;
    if (answer.status === 2) {
      unknown.add(each.name.replace(/ round.*/, ''));
      continue;
    }
    compared++;
    if (answer.status === 1) wrong.push(`${each.name}: refused: ${answer.body.toString()}`);
    else if (!answer.body.equals(each.body)) wrong.push(`${each.name}: other bytes`);
  }
  expect(wrong).toEqual([]);
  return { compared, unknown };
}
