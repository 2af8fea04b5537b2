import { assert } from '../base/assert.ts';
import { systemClock } from '../base/clock.ts';
import { RateLimitedLog } from '../base/logger.ts';
import { TurnMemory } from '../base/turn-memory.ts';
import { ClusterMetadata } from '../cluster/cluster-metadata.ts';
import { ControllerChannel } from '../cluster/controller-channel.ts';
import { observerHandlers } from '../front/handlers/observer.ts';
import { RequestMetrics } from '../front/metrics/request-metrics.ts';
import { Endpoints } from '../front/net/endpoints.ts';
import type { KafkaFront } from '../front/net/kafka-front.ts';
import { TlsContexts } from '../front/net/tls/tls-contexts.ts';
import { LostFiles } from '../front/partitions/lost-files.ts';
import { Partitions } from '../front/partitions/partitions.ts';
import { Auditing } from '../front/requests/auditing.ts';
import { FrontReplies } from '../front/requests/front-replies.ts';
import { RequestRouter } from '../front/requests/request-router.ts';
import { Rights } from '../front/requests/rights.ts';
import { Throttling } from '../front/requests/throttling.ts';
import { addressText } from '../gateway/gateway.ts';
import { ObserverGateway } from '../gateway/observer-gateway.ts';
import type { BrokerSettings } from '../metadata/config/broker-settings.ts';
import { HTTP_LISTENER } from '../metadata/config/listener-scope.ts';
import { randomUuid } from '../metadata/uuid.ts';
import type { AuditLog } from '../security/audit/audit-log.ts';
import { ClientQuotas } from '../security/quotas/client-quotas.ts';
import { auditLog } from './audit-output.ts';
import type { BrokerOptions } from './broker.ts';
import { nodeSystem } from './broker-system.ts';
import { supportedFeatures } from './features.ts';
import { HttpCredentials } from './http-credentials.ts';
import { kafkaFrontOf } from './kafka-front-of.ts';
import { metadataAuthorizer } from './metadata-authorizer.ts';
import { refuseOpenListeners } from './open-listeners.ts';
import { peerSecurity } from './peer-security.ts';

const FAULT_LOG_INTERVAL_MS = 5000;
/** It never appends, so nothing of it is ever full. */
const NEVER_FULL = { isBackedUp: false };

/**
 * A node that follows the metadata of a cluster of Apache Kafka and answers questions about it. It
 * holds no records and is no broker: it registers nowhere, and no client is sent to it.
 */
export class Observer {
  readonly metadata: ClusterMetadata;
  readonly kafka: KafkaFront;
  readonly #channel: ControllerChannel;
  readonly #tls: TlsContexts;
  readonly #settings: BrokerSettings;
  readonly #services: ReturnType<typeof servicesOf>;
  /** Whether the configuration asks for HTTP: brokers listen there without being told to. */
  readonly #servesHttp: boolean;
  #gateway: ObserverGateway | null = null;

  /** Starts to follow the controllers. Clients are let in by `listen`. */
  constructor(options: BrokerOptions) {
    const { loaded, logger, onFatal } = options;
    const { settings, config } = loaded;
    const { cluster } = settings;
    assert(cluster !== null, 'an observer is told where the controllers are');
    refuseOpenListeners(settings);
    this.#settings = settings;
    const metadata = new ClusterMetadata(config, settings.nodeId);
    this.#tls = new TlsContexts(settings.tls, logger);
    const audit = auditLog(settings.auditFile, logger, systemClock);
    const router = new RequestRouter(observerHandlers);
    const kafka = kafkaFrontOf(settings, router, {
      view: metadata,
      clock: systemClock,
      logger,
      tokens: null,
      tls: this.#tls,
      audit,
      sockets: nodeSystem.sockets,
      turnMemory: new TurnMemory(),
      // It sends no slices of maps.
      onUnreadable: () => {},
    });
    this.metadata = metadata;
    this.kafka = kafka;
    this.#servesHttp = config.isSet('millrace.http.listener');
    this.#services = servicesOf(options, metadata, kafka, this.#tls, audit, router.served);
    router.attach(this.#services);
    this.#channel = new ControllerChannel({
      setup: {
        ...cluster,
        nodeId: settings.nodeId,
        directoryId: randomUuid(),
        security: peerSecurity(cluster.controllers),
      },
      sink: metadata,
      member: null,
      logger,
      onFatal,
    });
  }

  /** host:port, as clients take it for bootstrap.servers. */
  get bootstrapServers(): string {
    const { host, port } = this.kafka.listeners[0]!;
    return addressText(host, port);
  }

  /** host:port of the HTTP listener, '' where there is none. */
  get httpAddress(): string {
    return this.#gateway?.address ?? '';
  }

  /** Who serves HTTP: `uws` or `node`; '' where there is no listener. */
  get httpEngine(): string {
    return this.#gateway?.engineName ?? '';
  }

  /** Lets clients in, once the node has caught up with the controllers. HTTP tells of it before. */
  async listen(): Promise<void> {
    if (this.#servesHttp) await this.#openGateway();
    await this.metadata.caughtUp;
    await this.kafka.listen(this.#settings.listeners);
  }

  async #openGateway(): Promise<void> {
    const { http, sasl } = this.#settings;
    if (http === null) return;
    const { metadata } = this;
    const mechanisms = sasl.get(HTTP_LISTENER);
    const { clock, logger } = this.#services;
    const means = { view: metadata, clock, logger, tokens: null };
    const check =
      mechanisms === undefined ? null : new HttpCredentials(HTTP_LISTENER, mechanisms, means);
    this.#gateway = await ObserverGateway.open(http, this.#services, check, {
      get isCaughtUp() {
        return metadata.image.offset >= 0;
      },
      get timeMs() {
        return metadata.image.timestampMs;
      },
    });
  }

  async close(): Promise<void> {
    await this.kafka.stop();
    this.#gateway?.close();
    this.#tls.close();
    await this.#channel.stop();
  }
}

function servicesOf(
  { loaded, logger }: BrokerOptions,
  metadata: ClusterMetadata,
  kafka: KafkaFront,
  tls: TlsContexts,
  audit: AuditLog | null,
  served: RequestRouter['served'],
) {
  const settings: BrokerSettings = loaded.settings;
  const clock = systemClock;
  const partitions = new Partitions();
  const metrics = new RequestMetrics();
  const faults = new RateLimitedLog(logger, FAULT_LOG_INTERVAL_MS);
  const throttling = new Throttling(new ClientQuotas(metadata, settings.quotas), clock);
  const lostFiles = new LostFiles(
    partitions,
    () => {},
    () => {},
  );
  return {
    clock,
    logger,
    faults,
    tls,
    settings,
    partitions,
    metrics,
    metadata,
    kafka,
    served,
    endpoints: new Endpoints(settings, metadata, kafka.listeners),
    // What the image does not have is not finalized in this cluster.
    features: supportedFeatures.map((feature) => ({ ...feature, level: 0 })),
    rights: new Rights(metadataAuthorizer(settings.authorization, metadata), audit),
    audit: new Auditing(audit),
    throttling,
    replies: new FrontReplies(metrics, faults, clock, lostFiles, throttling),
    workers: NEVER_FULL,
    recompression: NEVER_FULL,
  };
}
