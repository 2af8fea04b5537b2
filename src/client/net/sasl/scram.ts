import { digest, hmac, isEqual, randomBytes, saltPassword } from '#scram-crypto';
import { KafkaError } from '../../errors/kafka-error.ts';
import type { SaslExchange } from './sasl-exchange.ts';
import { SCRAM_HASHES } from './scram-hash.ts';

const GS2_HEADER = 'n,,';
const CHANNEL_BINDING = Buffer.from(GS2_HEADER).toString('base64');
const NONCE_BYTES = 18;
/** Tells Kafka to look for the name among the delegation tokens. */
const TOKEN_EXTENSION = ',tokenauth=true';
const ITERATIONS_MIN = 4096;
/** A broker that asks for more would keep a processor busy for minutes. */
const ITERATIONS_MAX = 1_000_000;

/** RFC 5802: the password never travels, and the broker proves that it knows it too. */
export async function* scramExchange(
  mechanism: keyof typeof SCRAM_HASHES,
  username: string,
  password: string,
  isDelegationToken: boolean,
): SaslExchange {
  const hash = SCRAM_HASHES[mechanism];
  const nonce = randomBytes(NONCE_BYTES).toString('base64');
  // Kafka takes names and passwords as they are: without the SASLprep of RFC 5802.
  const name = username.replaceAll('=', '=3D').replaceAll(',', '=2C');
  const first = `n=${name},r=${nonce}${isDelegationToken ? TOKEN_EXTENSION : ''}`;
  const challenge = fields(yield Buffer.from(GS2_HEADER + first));
  const { salt, iterations, combined } = readChallenge(challenge, nonce);
  const salted = await saltPassword(hash, password, salt, iterations);
  const clientKey = await hmac(hash, salted, 'Client Key');
  const storedKey = await digest(hash, clientKey);
  const bare = `c=${CHANNEL_BINDING},r=${combined}`;
  const signed = `${first},${challenge.get('')},${bare}`;
  const signature = await hmac(hash, storedKey, signed);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!));
  const final = fields(yield Buffer.from(`${bare},p=${proof.toString('base64')}`));
  const refusal = final.get('e');
  if (refusal !== undefined) throw failed(`the broker refused: ${refusal}`);
  const proven = Buffer.from(final.get('v') ?? '', 'base64');
  const expected = await hmac(hash, await hmac(hash, salted, 'Server Key'), signed);
  if (!isEqual(proven, expected)) {
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
