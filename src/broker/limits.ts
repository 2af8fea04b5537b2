import type { Logger } from '../base/logger.ts';
import type { KafkaFrontLimits } from '../front/net/kafka-front.ts';
import type { BrokerSettings } from '../metadata/config/broker-settings.ts';
import { connectionsWithinDescriptors } from './descriptor-limit.ts';

/** The front's limits: the broker's configuration, cut down to what the system grants. */
export function frontLimits(settings: BrokerSettings, logger: Logger): KafkaFrontLimits {
  const { limits } = settings;
  const possible = connectionsWithinDescriptors();
  if (possible < limits.connectionsMax) {
    const wanted = `max.connections is ${limits.connectionsMax}`;
    logger.warn(`${wanted}, but the limit of open files (ulimit -n) leaves room for ${possible}`);
  }
  return {
    frameBytesMax: limits.frameBytesMax,
    unreadBytesMax: limits.unreadBytesMax,
    inFlightMax: limits.inFlightMax,
    connectionsMax: Math.min(limits.connectionsMax, possible),
    descriptorsMax: possible,
    connectionsPerIpMax: limits.connectionsPerIpMax,
    connectionsPerIpOverrides: limits.connectionsPerIpOverrides,
    creationRateMax: limits.connectionsPerSecondMax,
    backlog: limits.backlog,
    queuedBytesMax: limits.queuedBytesMax,
    idleMsMax: limits.idleMs,
    firstByteMsMax: limits.firstByteTimeoutMs,
    frameMsMax: limits.slowFrameTimeoutMs,
    unreadMsMax: limits.unreadTimeoutMs,
  };
}
