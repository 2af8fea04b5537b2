import type { OauthToken } from '../../config/sasl-options.ts';
import { KafkaError } from '../../errors/kafka-error.ts';
import type { SaslExchange } from './sasl-exchange.ts';

const SEPARATOR = '\x01';

/** RFC 7628 with Kafka's extensions. */
export async function* oauthBearerExchange(
  token: () => OauthToken | Promise<OauthToken>,
): SaslExchange {
  const { value, extensions = {} } = await token();
  let text = `n,,${SEPARATOR}auth=Bearer ${value}`;
  for (const [name, content] of Object.entries(extensions))
    text += `${SEPARATOR}${name}=${content}`;
  const answer = yield Buffer.from(text + SEPARATOR + SEPARATOR);
  // A refused token comes back as a document; the client confirms it with one byte.
  if (answer.length === 0) return;
  yield Buffer.from(SEPARATOR);
  throw new KafkaError('SASL_AUTHENTICATION_FAILED', `the broker refused the token: ${answer}`);
}
