import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { reasonOf } from '../../base/errors.ts';
import { required } from '../../client/admin/outcome.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { reportEach } from '../outcomes.ts';
import { UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { mechanismOf } from './mechanism.ts';

/** The password comes by a file: other users of the machine see the words of a command. */
export async function addUser(given: CommandArguments): Promise<number> {
  const user = given.name('user');
  const mechanism = mechanismOf(given) ?? 'SCRAM-SHA-512';
  const iterations = given.integer('iterations', 1);
  const password = firstLine(await passwordText(given.text('password-file')));
  if (password === '') throw new UsageError('users add: the password is empty');
  const change = { user, mechanism, password };
  return withAdmin(given, (admin) =>
    reportEach(given, [user], async (name) => {
      const changes = [iterations === undefined ? change : { ...change, iterations }];
      required((await admin.scram.alter(changes)).get(name));
      return `${mechanism} password set:`;
    }),
  );
}

async function passwordText(file: string | undefined): Promise<string> {
  if (file === undefined || file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    throw new UsageError(`--password-file: ${reasonOf(thrown)}`);
  }
}

function firstLine(content: string): string {
  return content.split(/\r?\n/, 1)[0]!;
}
