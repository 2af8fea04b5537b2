import { MillraceError } from '../../base/errors.ts';
import type { ApiKey } from '../../protocol/api-keys.ts';
import { apiName, codecFor } from '../../protocol/api-registry.ts';
import type { ApiVersionsResponseApiVersion } from '../../protocol/schema/18-api-versions.ts';
import type { VersionRange } from '../../protocol/version-range.ts';

/** The versions of each API that one broker serves. Chooses the one to use with it. */
export class VersionTable {
  readonly #served = new Map<number, VersionRange>();
  readonly #brokerName: string;

  constructor(brokerName: string, served: readonly ApiVersionsResponseApiVersion[]) {
    this.#brokerName = brokerName;
    for (const { apiKey, minVersion, maxVersion } of served) {
      this.#served.set(apiKey, { lowest: minVersion, highest: maxVersion });
    }
  }

  /** By key. */
  get served(): ReadonlyMap<number, VersionRange> {
    return this.#served;
  }

  serves(apiKey: ApiKey): boolean {
    return this.#served.has(apiKey);
  }

  /** The highest version that both know, none above `limit`. */
  choose(apiKey: ApiKey, limit: number = Number.POSITIVE_INFINITY): number {
    const served = this.#served.get(apiKey);
    const name = apiName(apiKey);
    if (served === undefined) {
      throw this.#unsupported(`does not serve ${name}`);
    }
    const codec = codecFor(apiKey);
    const latest = codec.latestVersion - (codec.latestVersionUnstable ? 1 : 0);
    const version = Math.min(served.highest, latest, limit);
    if (version < served.lowest || version < codec.lowestVersion) {
      const known = `${codec.lowestVersion} to ${Math.min(latest, limit)}`;
      const range = `${served.lowest} to ${served.highest}`;
      throw this.#unsupported(`serves ${name} in versions ${range}, this client knows ${known}`);
    }
    return version;
  }

  #unsupported(what: string): MillraceError {
    return new MillraceError('MILLRACE_PROTOCOL', `the broker at ${this.#brokerName} ${what}`);
  }
}
