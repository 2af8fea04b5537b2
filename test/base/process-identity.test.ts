import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { identityOf } from '../../src/base/process-identity.ts';

it('is the same for as long as the process lives, and none of what is no process', async () => {
  const ours = identityOf(process.pid);
  expect(ours).not.toBe('');
  expect(identityOf(process.pid)).toBe(ours);
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const theirs = identityOf(child.pid!);
  expect(theirs).not.toBe('');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(identityOf(child.pid!)).toBe('');
  for (const wrong of [0, -1, Number.NaN]) expect(identityOf(wrong)).toBe('');
});
