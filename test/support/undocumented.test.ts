import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { undocumented } from './undocumented.ts';

const PARTS = `
export class Part {
  bare(): void {}
}
`;
const SOURCE = `
import { Part } from './part.ts';
/** Said. */
export class Whole {
  /** Said. */
  readonly part = new Part();
  readonly bare = 1;
  readonly #hidden = 2;
  get both(): number {
    return this.#hidden;
  }
}
export interface CallOptions {
  readonly timeoutMs?: number;
  /** Said. */
  readonly signal?: AbortSignal;
}
/** Its properties stand under this comment, its methods do not. */
export interface Answer {
  readonly size: number;
  read(): number;
}
export const bare = 1;
`;

it('names what is exported, or reached from there, without a comment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-undocumented-'));
  try {
    const compilerOptions = { target: 'ES2023', strict: true, allowImportingTsExtensions: true };
    const config = { compilerOptions: { ...compilerOptions, noEmit: true }, include: ['src'] };
    const file = (name: string) => join(folder, 'src', name);
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    writeFileSync(file('part.ts'), PARTS);
    writeFileSync(file('index.ts'), SOURCE);
    expect(undocumented(join(folder, 'tsconfig.json'), ['src/index.ts'])).toEqual([
      'src/index.ts: Answer.read',
      'src/index.ts: CallOptions',
      'src/index.ts: CallOptions.timeoutMs',
      'src/index.ts: Whole.bare',
      'src/index.ts: Whole.both',
      'src/index.ts: bare',
      'src/part.ts: Part',
      'src/part.ts: Part.bare',
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
