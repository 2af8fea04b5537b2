import type { HttpRoute } from '../http-engine.ts';

/** A route and the texts that stand for the `:name`s of its path. */
export interface FoundRoute {
  readonly route: HttpRoute;
  readonly parameters: readonly string[];
}

interface PatternRoute {
  readonly segments: readonly string[];
  readonly route: HttpRoute;
}

const EVERY_PATH = '/*';
const NO_PARAMETERS: readonly string[] = [];

/**
 * The routes of one method: paths as they are written, then paths with `:name` segments, then the
 * one for every path.
 */
export class RouteTable {
  readonly #exact = new Map<string, HttpRoute>();
  readonly #patterns: PatternRoute[] = [];
  #every: HttpRoute | null = null;

  add(path: string, route: HttpRoute): void {
    if (path === EVERY_PATH) this.#every = route;
    else if (path.includes(':')) this.#patterns.push({ segments: path.split('/'), route });
    else this.#exact.set(path, route);
  }

  find(path: string): FoundRoute | null {
    const exact = this.#exact.get(path);
    if (exact !== undefined) return { route: exact, parameters: NO_PARAMETERS };
    const asked = path.split('/');
    for (const { segments, route } of this.#patterns) {
      const parameters = parametersOf(segments, asked);
      if (parameters !== null) return { route, parameters };
    }
    return this.#every === null ? null : { route: this.#every, parameters: NO_PARAMETERS };
  }
}

function parametersOf(segments: readonly string[], asked: readonly string[]): string[] | null {
  if (asked.length !== segments.length) return null;
  const parameters: string[] = [];
  for (const [i, segment] of segments.entries()) {
    if (segment.startsWith(':')) parameters.push(asked[i]!);
    else if (segment !== asked[i]) return null;
  }
  return parameters;
}
