import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  BUILT_BYTES_MAX,
  type JsonCondition,
  JsonConditions,
} from '../../../src/gateway/stream/json-conditions.ts';
import { Random } from '../../records/random.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function holds(conditions: readonly JsonCondition[], text: string): boolean {
  const bytes = Buffer.from(`#${text}#`);
  return new JsonConditions(conditions).holdIn(bytes, 1, bytes.length - 1);
}

/** The same document, made too long to be parsed. */
function longer(text: string): string {
  return text + ' '.repeat(BUILT_BYTES_MAX);
}

function expectBoth(conditions: readonly JsonCondition[], text: string, expected: boolean): void {
  const told = [holds(conditions, text), holds(conditions, longer(text))];
  expect([text, conditions, ...told]).toEqual([text, conditions, expected, expected]);
}

function escaped(text: string): string {
  const codes = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  return codes.map((code) => `\\u${code.toString(16).padStart(4, '0')}`).join('');
}

describe('conditions on JSON', () => {
  it('hold in a long document where they hold in a short one', () => {
    const text = '{"a":[{"b":null},{"b":{"c":[1,-0,"x"]}}],"d\\u0065":true,"":{"":2},"ä":"ö"}';
    const cases: [JsonCondition['steps'], unknown, boolean][] = [
      [['a', 1, 'b', 'c', 0], 1, true],
      [['a', 1, 'b', 'c', 1], 0, false],
      [['a', 1, 'b', 'c', 1], -0, true],
      [['a', 1, 'b'], { c: [1, -0, 'x'] }, true],
      [['a', 1, 'b'], { c: [1, -0, 'x', 2] }, false],
      [['a', 1, 'b'], { c: [1, -0] }, false],
      [['a', 1, 'b'], { c: [1, -0, 'x'], d: 1 }, false],
      [['a', 0, 'b'], null, true],
      [['a', 9], null, false],
      [['a', 'length'], 2, false],
      [['de'], true, true],
      [['d\\u0065'], true, false],
      [['', ''], 2, true],
      [['ä'], 'ö', true],
      [['constructor'], null, false],
      [[], { a: 1 }, false],
    ];
    for (const [steps, wanted, expected] of cases) expectBoth([{ steps, wanted }], text, expected);
  });

  it('take the last of keys that come twice', () => {
    const a = { steps: ['a'], wanted: 2 };
    const b = { steps: ['a', 'b'], wanted: 1 };
    const whole = { steps: [], wanted: { a: 2 } };
    for (const one of [a, whole]) {
      expectBoth([one], '{"a":1,"a":2}', true);
      expectBoth([one], '{"a":2,"a":1}', false);
      expectBoth([one], '{"a":1,"\\u0061":2}', true);
    }
    expectBoth([b], '{"a":{"b":1},"a":{"b":2,"b":1}}', true);
    expectBoth([b], '{"a":{"b":1},"a":{}}', false);
    expectBoth([b], '{"a":{"b":1},"a":3}', false);
  });

  it('compare texts and keys however they are written', () => {
    for (const wanted of ['ab', 'a"\\/\b\f\n\r\t', 'äö', '\ud83d\ude00', 'x\u0000', '']) {
      const forms = [
        JSON.stringify(wanted),
        `"${[...wanted].map((one) => escaped(one)).join('')}"`,
        `"${escaped(wanted.slice(0, 1))}${JSON.stringify(wanted.slice(1)).slice(1, -1)}"`,
      ];
      for (const form of forms) {
        expectBoth([{ steps: [], wanted }], form, true);
        expectBoth([{ steps: [], wanted: `${wanted}x` }], form, false);
        expectBoth([{ steps: [], wanted: `${wanted.slice(0, -1)}y` }], form, false);
        expectBoth([{ steps: [wanted], wanted: 1 }], `{${form}:1}`, true);
        expectBoth([{ steps: [], wanted: { [wanted]: 1 } }], `{${form}:1}`, true);
        expectBoth([{ steps: [`${wanted}x`], wanted: 1 }], `{${form}:1}`, false);
      }
    }
  });

  it('hold within each other, or never', () => {
    const outer = { steps: ['a'], wanted: { b: [1, 2] } };
    const text = '{"a":{"b":[1,2]},"c":3}';
    expectBoth([outer, { steps: ['a', 'b', 1], wanted: 2 }], text, true);
    expectBoth([{ steps: ['a', 'b', 1], wanted: 2 }, outer], text, true);
    expectBoth([outer, { steps: ['a', 'b', 1], wanted: 3 }], text, false);
    expectBoth([outer, outer, { steps: ['c'], wanted: 3 }], text, true);
    expectBoth([outer, { steps: ['a'], wanted: 1 }], text, false);
    expectBoth([{ steps: ['a', 'b', 0], wanted: 1 }, outer, outer], '{"a":1', false);
  });

  it('hold in no text that is no JSON, whole or in its last byte', () => {
    for (const text of ['', '{"a":1', '{"a":1}}', '{"a":1,}', '{"a":1,"b":nil}', '[1', 'a']) {
      expectBoth([{ steps: ['a'], wanted: 1 }], text, false);
    }
  });

  it('agree about documents made at random', () => {
    const random = new Random(4);
    const made = (depth: number): unknown => {
      const kind = random.below(depth > 3 ? 3 : 6);
      if (kind === 0) return random.below(3);
      if (kind === 1) return ['', 'a', 'b"\n'][random.below(3)];
      if (kind === 2) return [null, true, false][random.below(3)];
      const parts = Array.from({ length: random.below(4) }, () => made(depth + 1));
      return kind === 3
        ? parts
        : Object.fromEntries(parts.map((part, i) => ['abc'[i] ?? '', part]));
    };
    let held = 0;
    for (let i = 0; i < 5000; i++) {
      const document = made(0);
      const text = JSON.stringify(document);
      const steps = Array.from(
        { length: random.below(3) },
        () => ['a', 'b', 0, 1][random.below(4)]!,
      );
      const at = steps.reduce<unknown>((inside, step) => (inside as never)?.[step], document);
      const wanted = random.below(2) === 0 || at === undefined ? made(2) : at;
      const conditions = [{ steps, wanted }];
      const expected = holds(conditions, text);
      if (expected) {
        held++;
        expect(isDeepStrictEqual(at, wanted)).toBe(true);
      }
      expectBoth(conditions, text, expected);
    }
    expect(held).toBeGreaterThan(500);
  });

  it('build nothing of a long document but what is compared', () => {
    const parse = vi.spyOn(JSON, 'parse');
    const keys = Array.from({ length: 50_000 }, (_, i) => `"k${i}":[{}]`).join(',');
    const text = `{${keys},"a":{"b":"here"}}`;
    expect(holds([{ steps: ['a', 'b'], wanted: 'here' }], text)).toBe(true);
    expect(holds([{ steps: [], wanted: { a: 1 } }], text)).toBe(false);
    expect(holds([{ steps: ['k7'], wanted: [{}] }], text)).toBe(true);
    expect(Math.max(...parse.mock.calls.map(([each]) => each.length))).toBeLessThan(10);
  });
});
