import { inBackground } from '../../base/in-background.ts';
import type { BrokerAddress } from '../broker-address.ts';
import type { SaslOptions } from '../config/sasl-options.ts';
import { KafkaJSSASLAuthenticationError } from './errors.ts';
import type { KafkaConfig, Logger, Mechanism, SaslAuthenticateArgs } from './types.ts';

const BUILT_IN = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
} as const;

/** What KafkaJS calls the mechanisms where one of them fails. */
const FAILED_NAMES: Readonly<Record<string, string>> = {
  'SCRAM-SHA-256': 'SCRAM SHA256',
  'SCRAM-SHA-512': 'SCRAM SHA512',
  AWS: 'AWS-IAM',
};

/** In front of the bytes of a custom mechanism, both ways. */
const LENGTH_BYTES = 4;

type Sasl = NonNullable<KafkaConfig['sasl']>;

function isCustom(sasl: Sasl): sasl is Mechanism {
  return 'authenticationProvider' in sasl;
}

/** The client's options for KafkaJS's. */
export function saslOptions(sasl: KafkaConfig['sasl'], logger: Logger): SaslOptions | null {
  if (sasl === undefined || sasl === null) return null;
  if (isCustom(sasl)) {
    const mechanism = sasl.mechanism.toUpperCase();
    return { mechanism, exchange: (address) => customExchange(sasl, address, logger) };
  }
  const name = sasl.mechanism.toLowerCase();
  if (sasl.mechanism === 'aws') {
    const { authorizationIdentity, accessKeyId, secretAccessKey, sessionToken = '' } = sasl;
    const said = [authorizationIdentity, accessKeyId, secretAccessKey, sessionToken].join('\0');
    return { mechanism: 'AWS', exchange: () => oneStep(Buffer.from(said)) };
  }
  if ('oauthBearerProvider' in sasl) {
    return { mechanism: 'OAUTHBEARER', token: () => sasl.oauthBearerProvider() };
  }
  const mechanism = BUILT_IN[name as keyof typeof BUILT_IN];
  if (mechanism === undefined) {
    const text = `SASL ${sasl.mechanism.toUpperCase()} mechanism is not supported by the client`;
    throw new KafkaJSSASLAuthenticationError(text);
  }
  const { username, password } = sasl as { username: string; password: string };
  return { mechanism, username, password };
}

/** The words in front of what a broker says that refuses a client. */
export function saslFailure(mechanism: string): string {
  return `SASL ${FAILED_NAMES[mechanism] ?? mechanism} authentication failed`;
}

/** Custom mechanisms write the length of their bytes in front of them. */
function withoutLength(bytes: Buffer, mechanism: string): Buffer {
  const length = bytes.length - LENGTH_BYTES;
  if (length >= 0 && bytes.readInt32BE(0) === length) return bytes.subarray(LENGTH_BYTES);
  const what = 'its request has to begin with the number of its bytes, in four bytes';
  throw new KafkaJSSASLAuthenticationError(`SASL ${mechanism.toUpperCase()}: ${what}`);
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

async function* oneStep(bytes: Buffer): AsyncGenerator<Buffer, void, Buffer> {
  yield bytes;
}

interface Step {
  readonly bytes: Buffer;
  readonly onAnswer: (answer: Buffer) => void;
}

/**
 * The authenticator calls `saslAuthenticate` where the client wants to be asked for its next bytes:
 * each call waits here until the exchange has sent them and has the answer.
 */
async function* customExchange(
  { mechanism, authenticationProvider }: Mechanism,
  { host, port }: BrokerAddress,
  logger: Logger,
): AsyncGenerator<Buffer, void, Buffer> {
  let offer: (step: Step | null) => void = () => undefined;
  let next = new Promise<Step | null>((resolve) => {
    offer = resolve;
  });
  const saslAuthenticate = async <T>({ request, response }: SaslAuthenticateArgs<T>) => {
    const bytes = withoutLength(await request.encode(), mechanism);
    const answer = await new Promise<Buffer>((onAnswer) => offer({ bytes, onAnswer }));
    if (response === undefined) return undefined;
    return response.parse(await response.decode(withLength(answer)));
  };
  let failure: unknown = null;
  const namespace = logger.namespace(`SaslAuthenticator-${mechanism.toUpperCase()}`);
  const provided = { host, port, logger: namespace, saslAuthenticate };
  const work = authenticationProvider(provided).authenticate();
  const ended = inBackground(
    work.then(() => offer(null)),
    (thrown) => {
      failure = thrown;
      offer(null);
    },
  );
  for (let step = await next; step !== null; step = await next) {
    next = new Promise((resolve) => {
      offer = resolve;
    });
    step.onAnswer(yield step.bytes);
  }
  await ended;
  if (failure !== null) throw failure;
}
