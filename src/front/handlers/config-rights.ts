import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { CONFIG_RESOURCE } from '../../metadata/plan-configs.ts';
import type { Refusal } from '../../metadata/refusal.ts';
import type { Call } from '../net/call.ts';
import type { Rights } from '../requests/rights.ts';

interface ConfigResource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** Why the client may not see or alter a configuration; null where it may. */
export function configDenial(
  { resourceType, resourceName }: ConfigResource,
  operation: 'DESCRIBE_CONFIGS' | 'ALTER_CONFIGS',
  call: Call,
  rights: Rights,
): Refusal | null {
  switch (resourceType) {
    case CONFIG_RESOURCE.TOPIC: {
      if (rights.allows(call, operation, 'TOPIC', resourceName)) return null;
      return denial(ERROR.TOPIC_AUTHORIZATION_FAILED);
    }
    case CONFIG_RESOURCE.GROUP: {
      if (rights.allows(call, operation, 'GROUP', resourceName)) return null;
      return denial(ERROR.GROUP_AUTHORIZATION_FAILED);
    }
    default: {
      if (rights.allowsOnCluster(call, operation)) return null;
      return denial(ERROR.CLUSTER_AUTHORIZATION_FAILED);
    }
  }
}

function denial(errorCode: number): Refusal {
  return { errorCode, message: errorMessage(errorCode) };
}
