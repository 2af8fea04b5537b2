/** Whose brokers a cluster has, and settings with which faults are noticed soon. */

const [kafka, millrace] = ['kafka', 'millrace'];

export const CASTS = {
  kafka: [kafka, kafka, kafka],
  millrace: [millrace, millrace, millrace],
  mixed: [
    [millrace, kafka, millrace],
    [kafka, millrace, kafka],
  ],
};

/** "3 kafka", "2 millrace + 1 kafka". */
export function castLabel(cast) {
  const kinds = [millrace, kafka].filter((kind) => cast.includes(kind));
  return kinds.map((kind) => `${cast.filter((one) => one === kind).length} ${kind}`).join(' + ');
}

export const SESSION_MS = 4_000;
export const REPLICA_CONTROLLERS = {
  'broker.session.timeout.ms': String(SESSION_MS),
  'broker.heartbeat.interval.ms': '500',
};
export const REPLICA_BROKERS = {
  'replica.lag.time.max.ms': '6000',
  'replica.fetch.backoff.ms': '200',
};
