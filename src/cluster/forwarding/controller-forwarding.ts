import { MillraceError } from '../../base/errors.ts';
import { ERROR, errorName } from '../../base/kafka-errors.ts';
import type { ForwardedRequest } from '../../metadata/forwarded-request.ts';
import { bodyOfResponse, requestOfBody } from '../../protocol/frames.ts';
import { encodeVersioned } from '../../protocol/message-bytes.ts';
import { ENVELOPE } from '../../protocol/schema/58-envelope.ts';
import { DEFAULT_PRINCIPAL_DATA } from '../../protocol/schema/principal-data.ts';
import type { ActiveController } from '../quorum/active-controller.ts';
import { isElsewhere } from '../quorum/is-elsewhere.ts';
import { ipBytes } from './ip-bytes.ts';

/** The versions of an API, as ApiVersions tells them. */
interface Served {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

const VERSION = 0;
const PRINCIPAL_VERSION = 0;

/** Passes requests on to the controller that leads, each in an envelope that says whose it is. */
export class ControllerForwarding {
  readonly #controller: ActiveController;
  readonly #limitMs: number;

  constructor(controller: ActiveController, limitMs: number) {
    this.#controller = controller;
    this.#limitMs = limitMs;
  }

  /** The body of the controller's answer; null where it does not serve the version. */
  async forward(request: ForwardedRequest): Promise<Buffer | null> {
    const { apiKey, apiVersion, principal, isByToken, clientAddress, body } = request;
    const requestPrincipal = encodeVersioned(DEFAULT_PRINCIPAL_DATA, PRINCIPAL_VERSION, {
      type: principal.type,
      name: principal.name,
      tokenAuthenticated: isByToken,
    });
    const question = {
      api: ENVELOPE,
      version: VERSION,
      body: {
        requestData: requestOfBody(apiKey, apiVersion, request, body),
        requestPrincipal,
        clientHostAddress: ipBytes(clientAddress),
      },
      isElsewhere,
    };
    const { errorCode, responseData } = await this.#controller.ask(question, this.#limitMs);
    if (errorCode === ERROR.UNSUPPORTED_VERSION) return null;
    if (errorCode !== ERROR.NONE || responseData === null) {
      const message = `the controller refused an envelope with ${errorName(errorCode)}`;
      throw new MillraceError('MILLRACE_REQUEST_FAILED', message);
    }
    return bodyOfResponse(apiKey, apiVersion, responseData);
  }

  /** Of what is forwarded, the versions that the controllers serve too. */
  narrow(served: readonly Served[], forwarded: ReadonlySet<number>): Served[] {
    const versions = this.#controller.served;
    if (versions === null) return [...served];
    return served.flatMap((api) => {
      if (!forwarded.has(api.apiKey)) return [api];
      const range = versions.get(api.apiKey);
      if (range === undefined) return [];
      const minVersion = Math.max(api.minVersion, range.lowest);
      const maxVersion = Math.min(api.maxVersion, range.highest);
      return minVersion > maxVersion ? [] : [{ apiKey: api.apiKey, minVersion, maxVersion }];
    });
  }
}
