import { describe, expect, it } from 'vitest';
import { CONTRACT, checkContract, loadAddon, platformName } from '#millrace/base/load-addon';
import { skipWithoutAddon } from '../support/skip-without-addon.ts';

const CALLS = [
  'accept adoptListener awaitEvents boundSpareMemory closeBell closePoller closeSocket',
  'closeWindow copy crc32c crc32cPortable createBell createPoller discard establish growWindow',
  'isLost localOf lockFile lowerPriority mapFaults mapMemory mapReadOnly openWindow',
  'peerOf populate reserve ringBell scanBatches send skipPlainBatches spoil store trimMemory',
  'unmap walkRecords write writeOut writeParts',
].flatMap((line) => line.split(' '));

it('names the platform as the diagnostic report does', () => {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const library = header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  const name = `${process.platform}-${process.arch}`;
  expect(platformName()).toBe(process.platform === 'linux' ? `${name}-${library}` : name);
});

it('refuses an addon that was built from other sources', () => {
  const addon = { contract: CONTRACT };
  expect(checkContract(addon, 'millrace.node')).toBe(addon);
  const older = /^millrace.node was built from older sources; .* npm run build/;
  expect(() => checkContract({}, 'millrace.node')).toThrow(older);
  expect(() => checkContract({ contract: CONTRACT - 1 }, 'millrace.node')).toThrow(older);
  const newer = /built from newer sources/;
  expect(() => checkContract({ contract: CONTRACT + 1 }, 'millrace.node')).toThrow(newer);
});

describe('the addon of this clone', () => {
  skipWithoutAddon('it is not loaded');

  it('is loaded', () => {
    expect(loadAddon()).toHaveProperty('crc32c');
  });

  /** Whoever changes what the addon has raises the contract, in native/src/addon.cc as well. */
  it('has the calls that belong to the contract', () => {
    const { contract, ...calls } = loadAddon() as Record<string, unknown>;
    const found = { contract, calls: Object.keys(calls).sort() };
    expect(found).toEqual({ contract: 2, calls: CALLS });
  });
});
