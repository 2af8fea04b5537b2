import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { KafkaError } from '../../errors/kafka-error.ts';
import type { SaslExchange } from './sasl-exchange.ts';

const derive = promisify(pbkdf2);
const GS2_HEADER = 'n,,';
const CHANNEL_BINDING = Buffer.from(GS2_HEADER).toString('base64');
const NONCE_BYTES = 18;
/** Tells Kafka to look for the name among the delegation tokens. */
const TOKEN_EXTENSION = ',tokenauth=true';
const ITERATIONS_MIN = 4096;
/** A broker that asks for more would keep a processor busy for minutes. */
const ITERATIONS_MAX = 1_000_000;

const HASHES = {
  'SCRAM-SHA-256': { name: 'sha256', bytes: 32 },
  'SCRAM-SHA-512': { name: 'sha512', bytes: 64 },
} as const;

/** RFC 5802: the password never travels, and the broker proves that it knows it too. */
export async function* scramExchange(
  mechanism: keyof typeof HASHES,
  username: string,
  password: string,
  isDelegationToken: boolean,
): SaslExchange {
  const hash = HASHES[mechanism];
  const nonce = randomBytes(NONCE_BYTES).toString('base64');
  // Kafka takes names and passwords as they are: without the SASLprep of RFC 5802.
  const name = username.replaceAll('=', '=3D').replaceAll(',', '=2C');
  const first = `n=${name},r=${nonce}${isDelegationToken ? TOKEN_EXTENSION : ''}`;
  const challenge = fields(yield Buffer.from(GS2_HEADER + first));
  const { salt, iterations, combined } = readChallenge(challenge, nonce);
  const salted = await derive(password, salt, iterations, hash.bytes, hash.name);
  const hmac = (key: Buffer, text: string) => createHmac(hash.name, key).update(text).digest();
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = createHash(hash.name).update(clientKey).digest();
  const bare = `c=${CHANNEL_BINDING},r=${combined}`;
  const signed = `${first},${challenge.get('')},${bare}`;
  const signature = hmac(storedKey, signed);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!));
  const final = fields(yield Buffer.from(`${bare},p=${proof.toString('base64')}`));
  const refusal = final.get('e');
  if (refusal !== undefined) throw failed(`the broker refused: ${refusal}`);
  const proven = Buffer.from(final.get('v') ?? '', 'base64');
  const expected = hmac(hmac(salted, 'Server Key'), signed);
  if (proven.length !== expected.length || !timingSafeEqual(proven, expected)) {
    throw failed('the broker does not know the password either: it is not who it says');
  }
}

function readChallenge(challenge: Map<string, string>, nonce: string) {
  const refusal = challenge.get('e');
  if (refusal !== undefined) throw failed(`the broker refused: ${refusal}`);
  const combined = challenge.get('r') ?? '';
  if (!combined.startsWith(nonce) || combined.length === nonce.length) {
    throw failed('the broker answered with a nonce that is not for this exchange');
  }
  const salt = Buffer.from(challenge.get('s') ?? '', 'base64');
  const iterations = Number(challenge.get('i'));
  const isSane = iterations >= ITERATIONS_MIN && iterations <= ITERATIONS_MAX;
  if (salt.length === 0 || !isSane) {
    throw failed(`the broker asks for ${challenge.get('i')} iterations with its salt`);
  }
  return { salt, iterations, combined };
}

/** `a=b,c=d` by letter; the whole text under ''. */
function fields(message: Buffer): Map<string, string> {
  const text = message.toString('utf8');
  const found = new Map([['', text]]);
  for (const part of text.split(',')) found.set(part.slice(0, 1), part.slice(2));
  return found;
}

function failed(message: string): KafkaError {
  return new KafkaError('SASL_AUTHENTICATION_FAILED', message);
}
