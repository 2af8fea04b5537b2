import { expect, it } from 'vitest';
import { loadAddon, platformName } from '#millrace/base/load-addon';

it('names the platform as the diagnostic report does', () => {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const library = header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  const name = `${process.platform}-${process.arch}`;
  expect(platformName()).toBe(process.platform === 'linux' ? `${name}-${library}` : name);
});

it('loads the addon of this clone', () => {
  expect(loadAddon()).toHaveProperty('crc32c');
});
