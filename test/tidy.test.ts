import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FRONT_LOG_FILES, INNER_ROOMS, ROOMS, WEBSOCKET_RECORDS_FILES } from './rooms.ts';
import { droppedPromises } from './support/dropped-promises.ts';
import { undocumented } from './support/undocumented.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'src');
const LINES_MAX = 400;
const COLUMNS_MAX = 100;
const FUNCTION_LINES_MAX = 70;
/** The browser's client imports no base, and the end of the command line is the process's. */
const WITHOUT_BASE = /^(websocket\/|cli\/main\.ts)/;

/** The settings that a producer's options are made of. */
const ALSO_PUBLIC = ['src/client/producer/producer-options.ts'];
/** Its names are those of KafkaJS, whose documentation explains them. */
const EXPLAINED_ELSEWHERE = ['./kafkajs'];

/** The sources of what the package exports. */
function publicEntries(): string[] {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const declared = Object.entries<{ types?: string }>(exports)
    .filter(([name]) => !EXPLAINED_ELSEWHERE.includes(name))
    .flatMap(([, { types }]) => (types === undefined ? [] : [types]));
  const sources = declared.map((types) => types.replace('./dist/types/', 'src/'));
  return [...sources.map((path) => path.replace('.d.ts', '.ts')), ...ALSO_PUBLIC];
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

const files = filesBelow(SOURCE).map((path) => ({
  path,
  name: relative(SOURCE, path),
  text: readFileSync(path, 'utf8'),
}));

/** The sources behind `#name`: that for Node and its twin for browsers. */
function twinsOf(name: string): string[] {
  const { imports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const built = Object.values<string>(imports[name] ?? {});
  return built.map((path) => path.replace('./dist/', '').replace('.js', '.ts'));
}

/** Paths below src/ that a file imports. */
function importsOf(path: string, text: string): string[] {
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'([.#][^']+)'/g);
  return Array.from(found, (match) => match[1]!).flatMap((name) => {
    if (name.startsWith('#')) return twinsOf(name);
    return [relative(SOURCE, resolve(dirname(path), name))];
  });
}

function roomOf(name: string): string {
  return name.includes('/') ? name.slice(0, name.indexOf('/')) : '';
}

/** The folder of `room` that a file below src/ lies in; '' for the room's own files and others. */
function folderIn(room: string, name: string): string {
  return name.startsWith(`${room}/`) ? roomOf(name.slice(room.length + 1)) : '';
}

/** Lines from a method's or function's head to the brace that closes it at the same indent. */
function longFunctions(text: string): string[] {
  const lines = text.split('\n');
  const long: string[] = [];
  const head =
    /^(\s*)(?:export )?(?:async )?(?:static )?(?:async )?(?:function\*? |get |set |\*)?[#\w]+(?:<.*>)?\(.*$/;
  for (const [start, line] of lines.entries()) {
    const match = head.exec(line);
    if (match === null || !/[({]$/.test(line) || /^\s*(if|for|while|switch|return)\b/.test(line)) {
      continue;
    }
    const behind = lines.slice(start + 1);
    const isSignature = behind.find((each) => each.startsWith(`${match[1]})`))?.endsWith(';');
    if (line.endsWith('(') && isSignature) continue;
    const end = lines.findIndex((each, i) => i > start && each === `${match[1]}}`);
    if (end - start + 1 > FUNCTION_LINES_MAX) long.push(`line ${start + 1}: ${end - start + 1}`);
  }
  return long;
}

describe('the house rules', () => {
  it('lets rooms import only what the room table allows', () => {
    const forbidden: string[] = [];
    for (const { path, name, text } of files) {
      const room = roomOf(name);
      for (const target of importsOf(path, text)) {
        const other = roomOf(target);
        if (room === '' || other === room || ROOMS[room]?.includes(other)) continue;
        forbidden.push(`${name} imports ${target}`);
      }
    }
    expect(forbidden).toEqual([]);
  });

  it('knows every room', () => {
    const rooms = new Set(files.map(({ name }) => roomOf(name)).filter((room) => room !== ''));
    expect([...rooms].filter((room) => ROOMS[room] === undefined)).toEqual([]);
  });

  it('lets the folders of a room import only what the table of inner rooms allows', () => {
    const forbidden: string[] = [];
    for (const [room, folders] of Object.entries(INNER_ROOMS)) {
      for (const { path, name, text } of files) {
        const folder = folderIn(room, name);
        if (folder === '') continue;
        if (folders[folder] === undefined) forbidden.push(`${room} does not name ${folder}`);
        for (const target of importsOf(path, text)) {
          const other = folderIn(room, target);
          if (other === '' || other === folder || folders[folder]?.includes(other)) continue;
          forbidden.push(`${name} imports ${target}`);
        }
      }
    }
    expect(forbidden).toEqual([]);
  });

  /** What `rooms` import of `other` besides `allowed`. */
  function importedBesides(rooms: string[], other: string, allowed: readonly string[]): string[] {
    const within = files.filter(({ name }) => rooms.includes(roomOf(name)));
    return within.flatMap(({ path, name, text }) =>
      importsOf(path, text)
        .filter((target) => roomOf(target) === other)
        .filter((target) => !allowed.includes(target.slice(other.length + 1)))
        .map((target) => `${name} imports ${target}`),
    );
  }

  it('lets the front see of the log only its read-only view', () => {
    expect(importedBesides(['front', 'gateway'], 'log', FRONT_LOG_FILES)).toEqual([]);
  });

  it('lets the browser client see of the records only what browsers can run', () => {
    expect(importedBesides(['websocket'], 'records', WEBSOCKET_RECORDS_FILES)).toEqual([]);
  });

  it('imports the addon and uWebSockets.js, types too, in one file each', () => {
    const importing = (what: RegExp) =>
      files.filter(({ text }) => what.test(text)).map(({ name }) => name);
    expect(importing(/millrace\.node/)).toEqual(['base/load-addon.ts']);
    expect(importing(/load-addon\.ts'/)).toEqual(['client/native-crc.ts', 'log/native.ts']);
    expect(importing(/(?:from|import\()\s*'uWebSockets\.js'/)).toEqual([
      'gateway/engine/uws-engine.ts',
    ]);
  });

  it('keeps files, functions and lines short enough to read', () => {
    const long: string[] = [];
    for (const { name, text } of files) {
      const lines = text.split('\n');
      if (lines.length > LINES_MAX + 1) long.push(`${name}: ${lines.length - 1} lines`);
      for (const [i, line] of lines.entries()) {
        if (line.length > COLUMNS_MAX) long.push(`${name}:${i + 1}: ${line.length} columns`);
      }
      for (const each of longFunctions(text)) long.push(`${name} ${each} lines in one function`);
    }
    expect(long).toEqual([]);
  });

  it('hands every promise that is not awaited to inBackground', () => {
    const dropped = droppedPromises(join(ROOT, 'tsconfig.json'));
    expect(dropped.filter((found) => !WITHOUT_BASE.test(found))).toEqual([]);
  });

  it('says something about each name that a program can import or reach', () => {
    expect(undocumented(join(ROOT, 'tsconfig.json'), publicEntries())).toEqual([]);
  });

  it('repeats work by every(), whose failures do not end the process', () => {
    const bare = files.filter(({ name, text }) => {
      return (
        /\bsetInterval\(/.test(text) && name !== 'base/every.ts' && roomOf(name) !== 'websocket'
      );
    });
    expect(bare.map(({ name }) => name)).toEqual([]);
  });

  it('leaves no markers of unfinished work', () => {
    const marker = new RegExp(`\\b(${['TO', 'DO|FIX', 'ME|XX', 'X|HA', 'CK'].join('')})\\b`);
    const marked = files.filter(({ text }) => marker.test(text)).map(({ name }) => name);
    expect(marked).toEqual([]);
  });
});
