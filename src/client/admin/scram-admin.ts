import { randomBytes, saltPassword } from '#scram-crypto';
import { API } from '../../protocol/api-keys.ts';
import { KafkaError, throwAnswerError } from '../errors/kafka-error.ts';
import type { Connection } from '../net/connection.ts';
import { SCRAM_HASHES, type ScramHash } from '../net/sasl/scram-hash.ts';
import type { AdminLink } from './admin-link.ts';
import { AnyRoute } from './any-route.ts';
import type { CallOptions } from './call-options.ts';
import { ControllerRoute } from './controller-route.ts';
import { type Outcome, type Outcomes, outcomeOf } from './outcome.ts';

export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** That a user has a password for a mechanism. The broker keeps it salted and never shows it. */
export interface ScramCredential {
  readonly mechanism: ScramMechanism | 'UNKNOWN';
  readonly iterations: number;
}

/** A password that is set, or with `password: null` taken away. */
export interface ScramChange {
  readonly user: string;
  readonly mechanism: ScramMechanism;
  readonly password: string | Uint8Array | null;
  /** From 4096 to 16384. */
  readonly iterations?: number;
  /** Random without it. */
  readonly salt?: Uint8Array;
}

interface Mechanism {
  readonly code: number;
  readonly hash: ScramHash;
}

const MECHANISMS: Readonly<Record<ScramMechanism, Mechanism>> = {
  'SCRAM-SHA-256': { code: 1, hash: SCRAM_HASHES['SCRAM-SHA-256'] },
  'SCRAM-SHA-512': { code: 2, hash: SCRAM_HASHES['SCRAM-SHA-512'] },
};
const SALT_BYTES = 24;
const DEFAULT_ITERATIONS = 4_096;

/** The passwords of users for SASL/SCRAM. */
export class ScramAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** The credentials of these users, or of all that have any. */
  describe(
    users?: readonly string[],
    options?: CallOptions,
  ): Promise<ReadonlyMap<string, Outcome<ScramCredential[]>>> {
    type Found = Map<string, Outcome<ScramCredential[]>>;
    const work = {
      what: 'the description of SCRAM credentials',
      keys: [''],
      route: new AnyRoute<string>(this.#link.cluster),
      subjectOf: () => 'SCRAM credentials',
      ask: async (
        connection: Connection,
        _: readonly string[],
        outcomes: Map<string, Outcome<Found>>,
      ) => {
        const body = { users: users?.map((name) => ({ name })) ?? null };
        const answer = await connection.ask(API.DESCRIBE_USER_SCRAM_CREDENTIALS, body);
        throwAnswerError(answer.errorCode, answer.errorMessage, 'SCRAM credentials');
        const found: Found = new Map();
        for (const { user, errorCode, errorMessage, credentialInfos } of answer.results) {
          const value = () =>
            credentialInfos.map(({ mechanism, iterations }) => {
              return { mechanism: nameOf(mechanism), iterations };
            });
          found.set(user, outcomeOf(errorCode, errorMessage, userText(user), value));
        }
        outcomes.set('', found);
      },
    };
    return this.#link.runOne(work, options);
  }

  /** Sets and removes passwords. Null stands for a user all of whose changes are done. */
  async alter(
    changes: readonly ScramChange[],
    options?: CallOptions,
  ): Promise<Outcomes<string, null>> {
    const upsertions = await Promise.all(changes.flatMap(saltedChange));
    const deletions = changes
      .filter(({ password }) => password === null)
      .map(({ user: name, mechanism }) => ({ name, mechanism: MECHANISMS[mechanism].code }));
    const work = {
      what: 'the change of SCRAM credentials',
      keys: changes.map(({ user }) => user),
      route: new ControllerRoute<string>(this.#link.cluster),
      subjectOf: userText,
      ask: async (
        connection: Connection,
        users: readonly string[],
        outcomes: Map<string, Outcome<null>>,
      ) => {
        const asked = new Set(users);
        const answer = await connection.ask(API.ALTER_USER_SCRAM_CREDENTIALS, {
          deletions: deletions.filter(({ name }) => asked.has(name)),
          upsertions: upsertions.filter(({ name }) => asked.has(name)),
        });
        for (const { user, errorCode, errorMessage } of answer.results) {
          outcomes.set(
            user,
            outcomeOf(errorCode, errorMessage, userText(user), () => null),
          );
        }
      },
    };
    return this.#link.run(work, options);
  }
}

/** The password leaves the process only salted. */
function saltedChange(change: ScramChange) {
  const { user: name, password, iterations = DEFAULT_ITERATIONS } = change;
  const mechanism = MECHANISMS[change.mechanism];
  if (mechanism === undefined) {
    throw new KafkaError('BAD_ARGUMENT', `there is no SCRAM mechanism '${change.mechanism}'`);
  }
  if (password === null) return [];
  if (!Number.isSafeInteger(iterations) || iterations < 1) {
    throw new KafkaError('BAD_ARGUMENT', `iterations: expected a whole number, got ${iterations}`);
  }
  const salt = Buffer.from(change.salt ?? randomBytes(SALT_BYTES));
  const { code, hash } = mechanism;
  const salted = saltPassword(hash, password, salt, iterations).then((saltedPassword) => {
    return { name, mechanism: code, iterations, salt, saltedPassword };
  });
  return [salted];
}

function nameOf(code: number): ScramCredential['mechanism'] {
  const known = Object.entries(MECHANISMS).find(([, mechanism]) => mechanism.code === code);
  return (known?.[0] ?? 'UNKNOWN') as ScramCredential['mechanism'];
}

function userText(user: string): string {
  return `user ${user}`;
}
