import { reasonOf } from '../../base/errors.ts';
import type { BrokerAddress } from '../broker-address.ts';
import { KafkaError } from '../errors/kafka-error.ts';
import type { Transport, TransportEvents } from './transport.ts';
import { webSocketOpener } from './websocket-transport.ts';

const SCHEME = /^wss?:\/\//;
const PORTS: Readonly<Record<string, number>> = { 'ws:': 80, 'wss:': 443 };

/**
 * Bootstrap servers that are URLs of gateways. Metadata names brokers by their TCP listeners, so a
 * broker is looked for behind the URL with its host, or else behind the one that opened last.
 */
export class WebSocketServers {
  readonly addresses: readonly BrokerAddress[];
  readonly #urls: readonly URL[];
  #last: URL;

  /** Null where the servers are none of URLs. */
  static of(servers: readonly string[]): WebSocketServers | null {
    const urls = servers.filter((each) => SCHEME.test(each));
    if (urls.length === 0) return null;
    const other = servers.find((each) => !SCHEME.test(each));
    if (other === undefined) return new WebSocketServers(urls.map(parseUrl));
    const what = `bootstrap server '${other}': expected ws:// or wss:// as of the others`;
    throw new KafkaError('BAD_ARGUMENT', what);
  }

  private constructor(urls: readonly URL[]) {
    this.#urls = urls;
    this.#last = urls[0]!;
    this.addresses = urls.map((url) => ({ host: url.hostname, port: portOf(url) }));
  }

  /** As an `OpenTransport`. */
  open(address: BrokerAddress, events: TransportEvents): Transport {
    const url = this.#urlOf(address);
    return webSocketOpener(url.href)(address, {
      onOpen: () => {
        this.#last = url;
        events.onOpen();
      },
      target: () => events.target(),
      onBytes: (target, length) => events.onBytes(target, length),
      onClosed: (cause) => events.onClosed(cause),
    });
  }

  #urlOf({ host, port }: BrokerAddress): URL {
    const there = this.#urls.filter((url) => url.hostname === host);
    if (there.length < 2) return there[0] ?? this.#last;
    // Gateways of one host are told apart by their ports, which a broker's own port is none of.
    const exact = there.find((url) => portOf(url) === port);
    return exact ?? (there.includes(this.#last) ? this.#last : there[0]!);
  }
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (thrown) {
    const what = `bootstrap server '${text}': ${reasonOf(thrown)}`;
    throw new KafkaError('BAD_ARGUMENT', what, { cause: thrown });
  }
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? PORTS[protocol]! : Number(port);
}
