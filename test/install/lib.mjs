/** Folders, tools and the packed package that the cases of the install matrix share. */
import { chmod, cp, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installed, REPOSITORY, Unavailable } from '../conformance/lib/cache.mjs';
import { hasProgram, mustExecute } from '../conformance/lib/process.mjs';

const PROGRAMS = fileURLToPath(new URL('programs/', import.meta.url));
const INSTALL_MS = 240_000;
const RUN_MS = 60_000;
export const KAFKAJS = 'kafkajs@2.2.4';

/** Whatever npm gave the script that started this says nothing about a fresh folder. */
function freshEnvironment(nodeFolder) {
  const names = Object.keys(process.env).filter((name) => {
    return !/^npm_(package|lifecycle|command|execpath|node)|^INIT_CWD$|^VITEST/.test(name);
  });
  const environment = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  return { ...environment, PATH: `${nodeFolder}:${process.env.PATH}` };
}

export class Matrix {
  constructor(scratch, tarball, nodeFolder) {
    this.scratch = scratch;
    this.tarball = tarball;
    this.nodeFolder = nodeFolder;
    this.environment = freshEnvironment(nodeFolder);
  }

  /** An empty folder with the programs and a package.json. */
  async folder(name, manifest = {}) {
    const folder = join(this.scratch, name);
    await mkdir(folder, { recursive: true });
    await cp(PROGRAMS, folder, { recursive: true });
    const whole = { name: 'app', version: '1.0.0', private: true, type: 'module', ...manifest };
    await writeFile(join(folder, 'package.json'), JSON.stringify(whole));
    return folder;
  }

  /** Node's own npm, with `environment` over what the process has. */
  npm(folder, words, environment = {}) {
    return this.run(folder, 'npm', words, environment, INSTALL_MS);
  }

  /** Runs a program in the folder. Its exit status must be 0. Answers what it printed. */
  async run(folder, program, words, environment = {}, timeoutMs = RUN_MS) {
    const env = { ...this.environment, ...environment };
    // Not all of the surrounding process: `execute` lays these over it.
    for (const name of Object.keys(process.env)) env[name] ??= undefined;
    const { stdout, stderr } = await mustExecute(program, words, { cwd: folder, env, timeoutMs });
    return stdout + stderr;
  }

  async installed(name, manifest = {}, flags = []) {
    const folder = await this.folder(name, manifest);
    await this.npm(folder, ['install', ...flags, this.tarball, KAFKAJS]);
    return folder;
  }

  /** The round trip as a program of the folder, which must end by itself. */
  async roundTrip(folder, environment = {}, program = 'main.mjs') {
    const said = await this.run(folder, 'node', [program], environment);
    if (!said.includes('round trip done')) throw new Error(`${program} said: ${said}`);
  }

  /** A package manager or tool from npm: the folder of its commands. */
  async tool(...packages) {
    const name = `tool-${packages.join('-').replaceAll(/[^a-z0-9.]+/g, '-')}`;
    const folder = await installed(name, packages, (target) =>
      mustExecute('npm', ['install', '--prefix', target, ...packages], { timeoutMs: INSTALL_MS }),
    );
    return join(folder, 'node_modules');
  }

  /** PATH with nothing but Node, npm and a shell: no compiler. */
  async barePath() {
    const folder = join(this.scratch, 'bare-path');
    await mkdir(folder, { recursive: true });
    for (const name of ['node', 'npm', 'npx']) {
      await symlink(join(this.nodeFolder, name), join(folder, name));
    }
    await symlink('/bin/sh', join(folder, 'sh'));
    return folder;
  }
}

/** Bytes and packages below node_modules. */
export async function weigh(folder) {
  let bytes = 0;
  let packages = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const parent = entry.parentPath ?? entry.path;
    bytes += (await stat(join(parent, entry.name))).size;
    const isPackage = /node_modules\/(?:@[^/]+\/)?[^/@]+$/.test(parent);
    if (isPackage && entry.name === 'package.json') packages++;
  }
  return { bytes, packages };
}

/** Takes the right to write away from everything in the folder. */
export async function makeReadOnly(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => !each.isSymbolicLink())) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    await chmod(path, entry.isDirectory() ? 0o555 : 0o444);
  }
  await chmod(folder, 0o555);
}

/** Words that run a program as nobody, since root may write anywhere. */
export function asNobody() {
  if (process.getuid?.() !== 0) return [];
  if (!hasProgram('setpriv'))
    throw new Unavailable('root may write anywhere, and setpriv is missing');
  return ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
}

/** The tarball of this clone, as npm publishes it. */
export async function pack(scratch) {
  const words = ['pack', '--pack-destination', scratch];
  const options = { cwd: REPOSITORY, timeoutMs: 900_000 };
  await mustExecute('npm', words, { ...options, label: 'npm pack' });
  const name = (await readdir(scratch)).find((each) => each.endsWith('.tgz'));
  return join(scratch, name);
}

/** The tarball of millrace-kafkajs, made from what is built. */
export async function packFacade(scratch) {
  const words = ['src/kafkajs-package.mjs', '--pack', scratch];
  await mustExecute('node', words, { cwd: REPOSITORY, timeoutMs: 120_000 });
  const name = (await readdir(scratch)).find((each) => each.startsWith('millrace-kafkajs-'));
  return join(scratch, name);
}

export async function remove(folder) {
  await rm(folder, { recursive: true, force: true });
}

export const nodeFolderOfThis = dirname(process.execPath);
