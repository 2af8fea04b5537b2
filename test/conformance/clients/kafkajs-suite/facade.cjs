/**
 * What KafkaJS's specs make out of a cluster and a configuration, made by the façade instead. The
 * cluster of KafkaJS stays beside it: specs ask it for brokers to look at the server with.
 */

const { Kafka, logLevel } = require(process.env.MILLRACE_KAFKAJS_PACKAGE);

const READ_UNCOMMITTED = 0;
const LABELS = { ERROR: 'error', WARN: 'warn', INFO: 'info', DEBUG: 'debug' };

/** Entries go to the logger that the spec gave, so that it sees them where it looks. */
function logCreatorTo(logger) {
  const named = new Map();
  return () =>
    ({ namespace, label, log }) => {
      const { timestamp: _timestamp, logger: _logger, message, ...extra } = log;
      if (!named.has(namespace)) named.set(namespace, logger.namespace(namespace));
      named.get(namespace)[LABELS[label]]?.(message, extra);
    };
}

/** KafkaJS adds its own mechanism to the object that it is given. */
function ownSasl(sasl) {
  if (!sasl) return sasl;
  const { authenticationProvider: _provider, ...own } = sasl;
  return own;
}

function kafkaOf({ options = {} }, logger) {
  const { brokers = [], ssl, sasl, clientId, connectionTimeout, requestTimeout, retry } = options;
  const { authenticationTimeout } = options;
  return new Kafka({
    brokers,
    ssl,
    sasl: ownSasl(sasl),
    clientId,
    connectionTimeout,
    requestTimeout,
    authenticationTimeout,
    retry,
    logLevel: logLevel.DEBUG,
    logCreator: logCreatorTo(logger),
  });
}

/** In KafkaJS these belong to the cluster, in its public calls to the producer or consumer. */
function clusterConfig({ options = {} }) {
  const { metadataMaxAge, allowAutoTopicCreation, maxInFlightRequests, isolationLevel } = options;
  return {
    ...(metadataMaxAge === undefined ? {} : { metadataMaxAge }),
    ...(allowAutoTopicCreation === undefined ? {} : { allowAutoTopicCreation }),
    ...(maxInFlightRequests ? { maxInFlightRequests } : {}),
    ...(isolationLevel === READ_UNCOMMITTED ? { readUncommitted: true } : {}),
  };
}

/** Specs ask the cluster as soon as its producer, consumer or admin is connected. */
function withCluster(made, cluster) {
  const { connect, disconnect, run } = made;
  return Object.assign(Object.create(made), {
    connect: async () => {
      await connect();
      await cluster.connect();
    },
    disconnect: async () => {
      await disconnect();
      await cluster.disconnect();
    },
    // Specs that consume also expect of the cluster what KafkaJS's own consumer asks of it.
    run: async (config) => {
      const running = run(config);
      await cluster.refreshMetadataIfNecessary();
      await running;
    },
  });
}

module.exports = (kind) => (given) => {
  // Some specs make one without a cluster, and never connect it.
  const { cluster = {}, logger, instrumentationEmitter: _emitter, ...config } = given;
  const kafka = kafkaOf(cluster, logger);
  const { isolationLevel, ...own } = { ...clusterConfig(cluster), ...config };
  if (isolationLevel === READ_UNCOMMITTED) own.readUncommitted = true;
  return withCluster(kafka[kind](own), cluster);
};
