import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { portableReason } from '../../src/log/native.ts';

/** Tells in a process of its own which CRC-32C the client uses, before and after a checksum. */
const PROGRAM = `
  import '#millrace/client/index';
  import * as crcs from '#millrace/records/crc32c';
  const bytes = Buffer.from('123456789');
  const before = crcs.crc32c === crcs.portableCrc32c;
  const sum = crcs.crc32c(bytes, 0, bytes.length).toString(16);
  console.log(JSON.stringify({ before, sum, after: crcs.crc32c === crcs.portableCrc32c }));
`;

function run(env: NodeJS.ProcessEnv): unknown {
  const args = ['--input-type=module', '-e', PROGRAM];
  return JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8' }));
}

it('takes the CRC-32C of the addon with the first checksum', ({ skip }) => {
  skip(portableReason !== '', `there is no addon to take it from (${portableReason})`);
  expect(run(process.env)).toEqual({ before: false, sum: 'e3069283', after: false });
});

it('computes the CRC-32C itself where there is no addon', () => {
  const env = { ...process.env, MILLRACE_NATIVE: 'off' };
  expect(run(env)).toEqual({ before: false, sum: 'e3069283', after: true });
});
