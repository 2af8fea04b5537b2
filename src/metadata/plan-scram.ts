import { ERROR } from '../base/kafka-errors.ts';
import type { MetadataImage } from './image.ts';
import type { MetadataRecord } from './records.ts';
import { type Refusal, refusal } from './refusal.ts';
import {
  type ScramMechanism,
  scramKey,
  scramKeysOf,
  scramMechanismOf,
} from './scram-credential.ts';

export interface ScramDeletion {
  readonly name: string;
  /** One of Kafka's numbers. */
  readonly mechanism: number;
}

export interface ScramUpsertion extends ScramDeletion {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly saltedPassword: Buffer;
}

export interface ScramOutcome {
  readonly user: string;
  readonly refused: Refusal | null;
}

const ITERATIONS_MIN = 4096;
const ITERATIONS_MAX = 16_384;

/** Plans AlterUserScramCredentials with Kafka's checks. A user may be named once. */
export function planAlterScram(
  image: MetadataImage,
  deletions: readonly ScramDeletion[],
  upsertions: readonly ScramUpsertion[],
): { records: readonly MetadataRecord[]; result: readonly ScramOutcome[] } {
  const refusals = new Map<string, Refusal>();
  const records = new Map<string, MetadataRecord>();
  const take = (user: string, plan: () => Refusal | MetadataRecord): void => {
    if (refusals.has(user)) return;
    const planned = records.delete(user) ? ALTERED_TWICE : plan();
    if ('type' in planned) records.set(user, planned);
    else refusals.set(user, planned);
  };
  for (const deletion of deletions) take(deletion.name, () => planDeletion(image, deletion));
  for (const upsertion of upsertions) take(upsertion.name, () => planUpsertion(upsertion));
  const done = [...records.keys()].map((user) => ({ user, refused: null }));
  const refused = [...refusals].map(([user, why]) => ({ user, refused: why }));
  return { records: [...records.values()], result: [...done, ...refused] };
}

const ALTERED_TWICE = refusal(
  ERROR.DUPLICATE_RESOURCE,
  'A user credential cannot be altered twice in the same request',
);

function planDeletion(image: MetadataImage, { name, mechanism: code }: ScramDeletion) {
  const mechanism = mechanismOrRefusal(name, code);
  if (typeof mechanism !== 'string') return mechanism;
  if (!image.scramCredentials.has(scramKey(name, mechanism))) {
    const message = 'Attempt to delete a user credential that does not exist';
    return refusal(ERROR.RESOURCE_NOT_FOUND, message);
  }
  return { type: 'scram-removed', user: name, mechanism } as const;
}

function planUpsertion(upsertion: ScramUpsertion): Refusal | MetadataRecord {
  const { name, iterations, salt, saltedPassword } = upsertion;
  const mechanism = mechanismOrRefusal(name, upsertion.mechanism);
  if (typeof mechanism !== 'string') return mechanism;
  if (iterations < ITERATIONS_MIN) return unacceptable('Too few iterations');
  if (iterations > ITERATIONS_MAX) return unacceptable('Too many iterations');
  if (saltedPassword.length === 0) return refusal(ERROR.UNKNOWN_SERVER_ERROR, 'Empty key');
  const keys = scramKeysOf(mechanism, saltedPassword);
  const credential = { user: name, mechanism, iterations, salt: salt.toString('base64'), ...keys };
  return { type: 'scram', credential };
}

function mechanismOrRefusal(user: string, code: number): Refusal | ScramMechanism {
  if (user === '') return unacceptable('Username must not be empty');
  const unknown = refusal(ERROR.UNSUPPORTED_SASL_MECHANISM, 'Unknown SCRAM mechanism');
  return scramMechanismOf(code) ?? unknown;
}

function unacceptable(message: string): Refusal {
  return refusal(ERROR.UNACCEPTABLE_CREDENTIAL, message);
}
