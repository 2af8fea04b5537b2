import { inBackground } from '../../base/in-background.ts';
import { addressOf } from '../engine/address-of.ts';
import type { HttpRoute } from '../engine/http-engine.ts';
import type { HttpRequest } from '../engine/http-request.ts';
import type { HttpResponse } from '../engine/http-response.ts';
import { refuse } from '../engine/refuse.ts';
import { type Access, isRefusal } from './access.ts';
import { challengeFor } from './challenge.ts';

/** Where routes are added that look at nothing but the path. */
export interface PlainRoutes {
  get(path: string, route: (response: HttpResponse) => void): void;
}

/** Routes for those who have shown who they are; some paths are open to everybody. */
export class OpenRoutes implements PlainRoutes {
  readonly #engine: { get(path: string, route: HttpRoute): void };
  readonly #access: Access;
  readonly #openPaths: ReadonlySet<string>;

  constructor(
    engine: { get(path: string, route: HttpRoute): void },
    access: Access,
    openPaths: readonly string[],
  ) {
    this.#engine = engine;
    this.#access = access;
    this.#openPaths = new Set(openPaths);
  }

  get(path: string, route: (response: HttpResponse) => void): void {
    const isOpen = !this.#access.isRequired || this.#openPaths.has(path);
    this.#engine.get(
      path,
      isOpen
        ? route
        : (response, request) => {
            this.#serveKnown(response, request, route);
          },
    );
  }

  #serveKnown(
    response: HttpResponse,
    request: HttpRequest,
    route: (response: HttpResponse) => void,
  ): void {
    let isGone = false;
    response.onAborted(() => {
      isGone = true;
    });
    const authorization = request.getHeader('authorization');
    const challenge = challengeFor(request.getHeader('x-requested-with'));
    const identifying = this.#access.identify(
      authorization,
      request.principal,
      addressOf(response),
    );
    const known = Promise.resolve(identifying);
    const served = known.then((identity) => {
      if (isGone) return;
      if (isRefusal(identity)) refuse(response, identity, challenge);
      else response.cork(() => route(response));
    });
    inBackground(served, () => response.close());
  }
}
