/**
 * Copies into dist/types the declarations that the package's exports reach, and no others: npm takes
 * longer for many small files than for their bytes. Also says where they reach into other packages.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SOURCE = 'dist';
const TYPES = 'dist/types';
/** Node's own types, and the package that `millrace/opentelemetry` is for. */
const MAY_REACH = /^node:|^@opentelemetry\/api$/;
const COMMENTS = /\/\*.*?\*\//gs;
const IMPORTS = /\b(?:from |import |import\()['"]([^'"]+)['"]/g;

function importsOf(file) {
  const text = readFileSync(join(SOURCE, file), 'utf8').replaceAll(COMMENTS, '');
  return Array.from(text.matchAll(IMPORTS), ([, imported]) => imported);
}

/** Without the endings, which the declarations write as the sources do. */
function target(file, imported) {
  return join(dirname(file), imported.replace(/\.[jt]s$/, '.d.ts'));
}

export function copyPublicTypes() {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  const ways = Object.values(exports).flatMap((way) => [way, way.browser ?? {}]);
  const declared = ways.flatMap(({ types }) => types ?? []);
  const reached = new Set(declared.map((types) => types.replace(`./${TYPES}/`, '')));
  rmSync(TYPES, { recursive: true, force: true });
  for (const file of reached) {
    for (const imported of importsOf(file)) {
      if (imported.startsWith('.')) reached.add(target(file, imported));
      else if (!MAY_REACH.test(imported))
        throw new Error(`${file}: types of ${imported} are public`);
    }
    mkdirSync(dirname(join(TYPES, file)), { recursive: true });
    copyFileSync(join(SOURCE, file), join(TYPES, file));
  }
}
