import { API } from '../../protocol/api-keys.ts';
import type {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from '../../protocol/schema/51-alter-user-scram-credentials.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { CLUSTER_DENIED } from './cluster-denied.ts';
import { orRefusal } from './partition-checks.ts';

/** AlterUserScramCredentials (51), version 0. The broker keeps the keys of salted passwords. */
export const alterUserScramCredentials: Handler<
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
  'changes' | 'rights' | 'audit'
> = {
  key: API.ALTER_USER_SCRAM_CREDENTIALS,
  versions: '0',
  needs: [forRequest('ALTER', 'CLUSTER')],
  async handle({ deletions, upsertions }, call, { changes, rights, audit }) {
    const copies = upsertions.map(({ salt, saltedPassword, ...rest }) => {
      return { ...rest, salt: Buffer.from(salt), saltedPassword: Buffer.from(saltedPassword) };
    });
    const users = new Set([...deletions, ...copies].map(({ name }) => name));
    if (!rights.allowsOnCluster(call, 'ALTER')) {
      return { results: [...users].map((user) => ({ user, ...CLUSTER_DENIED })) };
    }
    const outcomes = await orRefusal(changes.alterScramCredentials(deletions, copies), (refused) =>
      [...users].map((user) => ({ user, refused })),
    );
    const removed = new Set(deletions.map(({ name }) => name));
    for (const { user, refused } of outcomes) {
      const what = removed.has(user) ? 'user removed' : 'password set';
      if (refused === null) audit.changed(call, what, { user });
    }
    const results = outcomes.map(({ user, refused }) => {
      return { user, errorCode: refused?.errorCode ?? 0, errorMessage: refused?.message ?? null };
    });
    return { results };
  },
};
