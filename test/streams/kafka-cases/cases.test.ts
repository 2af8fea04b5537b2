import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CASES, FATES, tableText } from './table.mjs';
import { RECORDED } from './topologies/all.mjs';

const STREAMS = join(import.meta.dirname, '..');

/** The words of each test of streams, and of what its cases are in. */
function wordsOfTests(): Set<string>[] {
  const names = readdirSync(STREAMS, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => {
    return /\.(test\.ts|json)$/.test(name) && !name.includes('kafka-cases');
  });
  return files.map((name) => {
    return new Set(readFileSync(join(STREAMS, name), 'utf8').match(/\w+/g) ?? []);
  });
}

function casesOf(fate: string): string[] {
  return Object.entries(CASES as Record<string, Record<string, string>>).flatMap(
    ([name, cases]) => {
      const some = Object.keys(cases).filter((each) => cases[each] === fate);
      return some.map((each) => `${name}.${each}`);
    },
  );
}

describe('the table of Kafka’s cases', () => {
  it('says of each what became of it, in words that it explains', () => {
    const fates = Object.values(CASES as Record<string, Record<string, string>>).flatMap((cases) =>
      Object.values(cases),
    );
    expect(new Set(fates)).toEqual(new Set(Object.keys(FATES)));
  });

  it('calls ported what a test here has under its class and name', () => {
    const tests = wordsOfTests();
    const missing = casesOf('ported').filter((each) => {
      const [name, test] = each.split('.') as [string, string];
      return !tests.some((words) => words.has(name) && words.has(test));
    });
    expect(missing).toEqual([]);
  });

  it('calls recorded what has its topology here', () => {
    const built = Object.entries(RECORDED).flatMap(([name, cases]) => {
      return Object.keys(cases).map((each) => `${name}.${each}`);
    });
    expect(casesOf('recorded').toSorted()).toEqual(built.toSorted());
  });

  it('is what the README says', () => {
    const text = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
    expect(text).toBe(tableText());
  });
});
