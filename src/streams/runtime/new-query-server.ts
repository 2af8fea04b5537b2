import { KafkaError, toKafkaError } from '../../client/errors/kafka-error.ts';
import { type HostInfo, parseHostInfo } from '../queries/host-info.ts';
import { QueryClient } from '../queries/query-client.ts';
import { QueryServer, type ServedApplication } from '../queries/query-server.ts';
import type { StreamsSettings } from './streams-options.ts';

const LOOPBACK = /^(127\.|localhost$|::1$)/;

/** What asks other instances: all of them are reached by https, or none. */
export function newQueryClient(settings: StreamsSettings): QueryClient {
  return new QueryClient(settings.applicationServerToken, settings.applicationServerSsl);
}

/** Where the process of this thread answers; null where it does not, or has no threads. */
export function hostOfProcess({ thread, applicationServer }: StreamsSettings): HostInfo | null {
  if (thread === null || applicationServer === null) return null;
  return parseHostInfo(applicationServer, 'applicationServer');
}

/**
 * The server of an application; null where it has no `application.server`, and in a thread, whose
 * process answers for all of its threads.
 */
export function newQueryServer(
  settings: StreamsSettings,
  application: ServedApplication,
): QueryServer | null {
  const { applicationServer, applicationServerToken: token } = settings;
  if (applicationServer === null || settings.thread !== null) return null;
  const advertised = parseHostInfo(applicationServer, 'applicationServer');
  const listen = addressOf(settings, advertised);
  const { applicationServerAuthorize: authorize, applicationServerPage: hasPage } = settings;
  const { applicationServerSsl: tls } = settings;
  if (!LOOPBACK.test(listen.host) && token === null && authorize === null) {
    const what = 'anybody could read the stores of the application there';
    throw new KafkaError(
      'BAD_ARGUMENT',
      `option 'applicationServerListen': ${what}; give applicationServerToken as well`,
    );
  }
  const onFailure = (thrown: unknown) => settings.onError(toKafkaError(thrown));
  const options = { advertised, listen, token, authorize, tls, hasPage, onFailure };
  return new QueryServer(options, application);
}

/** Others reach only what is not the loopback, which must be asked for by name. */
function addressOf(settings: StreamsSettings, advertised: HostInfo): HostInfo {
  const { applicationServerListen } = settings;
  if (applicationServerListen !== null) {
    return parseHostInfo(applicationServerListen, 'applicationServerListen');
  }
  if (LOOPBACK.test(advertised.host)) return advertised;
  const what = `others would reach ${advertised.host}, and by default it listens at the loopback`;
  throw new KafkaError(
    'BAD_ARGUMENT',
    `option 'applicationServer': ${what}; say where with applicationServerListen`,
  );
}
