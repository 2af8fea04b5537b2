/** The settings that Kafka tells of a client beside its metrics. */
const LABELS = {
  clientRack: 'client_rack',
  groupId: 'group_id',
  groupInstanceId: 'group_instance_id',
  transactionalId: 'transactional_id',
} as const;

/** Those of the settings that are given. */
export function telemetryLabels(settings: object): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [option, label] of Object.entries(LABELS)) {
    const value: unknown = Reflect.get(settings, option);
    if (typeof value === 'string' && value !== '') labels[label] = value;
  }
  return labels;
}
