const TEXT = '"((?:[^"\\\\]|\\\\.)*)"';
const LAG = new RegExp(
  `^kafka_consumergroup_lag_sum\\{consumergroup=${TEXT},topic=${TEXT}\\} (\\S+)$`,
  'gm',
);

/** Lag by group and topic, from `/metrics`. */
export async function readGroupLags(login) {
  const response = await login.fetch('/metrics');
  if (!response.ok) throw new Error(`/metrics: ${response.status}`);
  const text = await response.text();
  const lags = new Map();
  for (const [, group, topic, lag] of text.matchAll(LAG)) {
    lags.set(`${group} · ${topic}`, Number(lag));
  }
  return lags;
}
