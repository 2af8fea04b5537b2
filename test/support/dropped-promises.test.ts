import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { droppedPromises } from './dropped-promises.ts';

const SOURCE = `
declare function inBackground(work: Promise<unknown>, onFailure: (thrown: unknown) => void): Promise<void>;
declare function repeat(work: () => void): void;
declare function work(): Promise<number>;
declare function tell(): void;
class Keeper {
  #chain: Promise<void> = Promise.resolve();
  #kept: Promise<number> | null = null;
  bad(): void {
    work();
    void work();
    work().then(() => tell());
    work().catch(() => tell());
    this.#chain = this.#chain.then(() => tell());
    repeat(() => work());
    repeat(async () => { await work(); });
  }
  async good(): Promise<number> {
    tell();
    await work();
    this.#kept ??= work();
    this.#chain = inBackground(this.#chain.then(() => tell()), tell);
    inBackground(work(), tell);
    repeat(() => { inBackground(work(), tell); });
    return this.#kept;
  }
}
export { Keeper };
`;

test('it names every promise that is dropped, and none that is answered for', () => {
  const root = mkdtempSync(join(tmpdir(), 'millrace-dropped-'));
  try {
    mkdirSync(join(root, 'src'));
    writeFileSync(join(root, 'src', 'keeper.ts'), SOURCE);
    const options = { target: 'es2022', module: 'nodenext', strict: true, types: [] };
    const config = { compilerOptions: options, include: ['src'] };
    writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(config));
    const first = SOURCE.split('\n').findIndex((line) => line.includes('bad()')) + 2;
    const lines = droppedPromises(join(root, 'tsconfig.json')).map((found) => found.split(':')[1]);
    expect(lines).toEqual(Array.from({ length: 7 }, (_, i) => String(first + i)));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
