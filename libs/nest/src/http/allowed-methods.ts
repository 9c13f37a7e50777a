import type { FastifyInstance } from 'fastify';

/** Says which methods a path answers to, none for a path that is unknown. */
export type AllowedMethods = (path: string) => readonly string[];

/** Collects the routes of an instance, to tell an unknown path (404) from a known one with another method (405). Call before routes are added. */
export function collectMethods(fastify: FastifyInstance): AllowedMethods {
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  fastify.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    for (const name of [method].flat()) route.methods.add(name);
    routes.set(url, route);
  });
  return (path) => {
    const found = [...routes.values()].filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => [...methods]);
    return [...new Set(found)].toSorted();
  };
}

/** A route's path as a pattern: `:name` is one segment, `*` is anything. */
function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    if (segment.startsWith(':')) return '[^/]+';
    return segment.split('*').map(escaped).join('.*');
  });
  return new RegExp(`^${segments.join('/')}$`);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
