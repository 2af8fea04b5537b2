import type { BrokerConfig } from './broker-config.ts';
import { bad } from './listeners.ts';

/** Who may do everything, and what holds where no ACL is about a resource. */
export interface AuthorizationSettings {
  readonly superUsers: ReadonlySet<string>;
  readonly allowsWithoutRules: boolean;
}

const STANDARD_AUTHORIZER = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';

/** Null where every client may do everything. */
export function authorizationSettings(config: BrokerConfig): AuthorizationSettings | null {
  const name = config.text('authorizer.class.name') ?? '';
  const superUsers = superUsersOf(config.text('super.users') ?? '');
  const allowsWithoutRules = config.boolean('allow.everyone.if.no.acl.found');
  if (name === STANDARD_AUTHORIZER) return { superUsers, allowsWithoutRules };
  if (name !== '') {
    throw bad(`authorizer.class.name=${name}: millrace has only ${STANDARD_AUTHORIZER}`);
  }
  if (superUsers.size === 0 && !allowsWithoutRules) return null;
  const property = superUsers.size > 0 ? 'super.users' : 'allow.everyone.if.no.acl.found';
  throw bad(
    `${property}: without authorizer.class.name every user may do everything; ` +
      `set authorizer.class.name=${STANDARD_AUTHORIZER} or remove this line`,
  );
}

function superUsersOf(text: string): ReadonlySet<string> {
  const names = text.split(';').map((name) => name.trim());
  const given = names.filter((name) => name !== '');
  const wrong = given.find((name) => !/^[^:]+:./.test(name));
  if (wrong !== undefined) throw bad(`super.users: '${wrong}' is not of the form User:name`);
  return new Set(given);
}
