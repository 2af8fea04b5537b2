/**
 * Makes the package `millrace-kafkajs` in dist/kafkajs-package: KafkaJS's module on millrace's client
 * as one CommonJS file, which `require('kafkajs')` finds where the application says
 * `"kafkajs": "npm:millrace-kafkajs@2"`. It carries all that it needs.
 *
 *   npm run kafkajs-package [-- --pack FOLDER]
 *
 * --pack leaves its tarball in the folder.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';

const SOURCE = 'dist/client/kafkajs';
const PACKAGE = 'dist/kafkajs-package';
const KAFKAJS_MAJOR = 2;
const MINORS_PER_MAJOR = 1_000;

const { values } = parseArgs({ options: { pack: { type: 'string' } } });

/**
 * Whoever patches KafkaJS by its version (OpenTelemetry: `>=0.3.0 <3`) must find one of KafkaJS 2.
 * The minor and patch are millrace's, far beyond those that KafkaJS used: 0.1.0 is 2.1001.0.
 */
function versionOf(millrace) {
  const [major, minor, patch] = millrace.split('.').map(Number);
  return `${KAFKAJS_MAJOR}.${(major + 1) * MINORS_PER_MAJOR + minor}.${patch}`;
}

async function bundle() {
  const made = await rolldown({
    input: join(SOURCE, 'index.js'),
    platform: 'node',
    external: [/^node:/],
  });
  await made.write({ file: join(PACKAGE, 'index.js'), format: 'cjs', minify: false });
}

function describe() {
  const { version, license, engines } = JSON.parse(readFileSync('package.json', 'utf8'));
  const manifest = {
    name: 'millrace-kafkajs',
    version: versionOf(version),
    description: "KafkaJS's module on millrace's client, to be installed in place of kafkajs",
    license,
    engines,
    main: 'index.js',
    types: 'types/index.d.ts',
  };
  writeFileSync(join(PACKAGE, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync('LICENSE', join(PACKAGE, 'LICENSE'));
  copyFileSync('src/client/kafkajs/README.md', join(PACKAGE, 'README.md'));
}

/** The types of the façade name nothing outside their folder, except privately. */
function copyTypes() {
  const types = join(PACKAGE, 'types');
  mkdirSync(types);
  for (const name of readdirSync(SOURCE)) {
    if (name.endsWith('.d.ts')) copyFileSync(join(SOURCE, name), join(types, name));
  }
}

rmSync(PACKAGE, { recursive: true, force: true });
mkdirSync(PACKAGE, { recursive: true });
await bundle();
describe();
copyTypes();
if (values.pack !== undefined) {
  const words = ['pack', '--pack-destination', values.pack];
  const { status } = spawnSync('npm', words, { cwd: PACKAGE, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
