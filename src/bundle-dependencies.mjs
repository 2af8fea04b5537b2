/**
 * Lays what millrace uses of other packages into dist/bundle, so that who installs millrace installs
 * nothing else: npm asks the registry for each package and each of its platforms. Licences lie beside.
 */
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { rolldown } from 'rolldown';

const CARRIED = 'dist/bundle/carried';
const PISCINA = join(CARRIED, 'piscina');
/** Bundled with the rest of millrace: it finds no files by their names. */
const ORDINARY = ['hdr-histogram-js', 'jose'];
/** What piscina's threads would need for a priority of their own, which nobody asks it for. */
const UNUSED = '@napi-rs/nice';

/**
 * Its main file and that of its threads, which it looks for beside the main one. Both share the
 * chunks that hold its symbols. They are CommonJS, as piscina is: it asks for `__dirname`.
 */
async function bundlePiscina() {
  const dist = dirname(createRequire(import.meta.url).resolve('piscina'));
  const bundle = await rolldown({
    input: { main: join(dist, 'main.js'), worker: join(dist, 'worker.js') },
    platform: 'node',
    external: [/^node:/, UNUSED],
  });
  const names = { format: 'cjs', entryFileNames: '[name].js', chunkFileNames: 'shared-[name].js' };
  await bundle.write({ ...names, dir: PISCINA, minify: false });
  writeFileSync(join(PISCINA, 'package.json'), '{ "type": "commonjs" }\n');
  copyFileSync(join(dist, 'esm-wrapper.mjs'), join(PISCINA, 'esm-wrapper.mjs'));
}

/** Has imports of piscina lead to the files that `bundlePiscina` makes. */
export const piscinaIsCarried = {
  name: 'piscina-is-carried',
  resolveId(source) {
    return source === 'piscina' ? { id: source, external: true } : null;
  },
  renderChunk(code, { fileName }) {
    const path = posix.relative(posix.dirname(fileName), 'carried/piscina/esm-wrapper.mjs');
    const from = path.startsWith('.') ? path : `./${path}`;
    return code.replaceAll(/\b(from |import\()"piscina"/g, (_, before) => `${before}"${from}"`);
  },
};

export async function bundleDependencies() {
  rmSync(CARRIED, { recursive: true, force: true });
  await bundlePiscina();
  for (const name of ['piscina', ...ORDINARY]) {
    mkdirSync(join(CARRIED, name), { recursive: true });
    const licence = readdirSync(join('node_modules', name)).find((file) =>
      /^licen[cs]e/i.test(file),
    );
    copyFileSync(join('node_modules', name, licence), join(CARRIED, name, 'LICENSE'));
  }
}
