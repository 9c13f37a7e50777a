import { applyDecorators, Delete, Get, HttpCode, Post, Put } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { HttpRoute } from '@souk/contracts';

const methods = { GET: Get, POST: Post, PUT: Put, DELETE: Delete } as const;

/** The route that a handler serves: what guards go by. */
export const servedRoute = Reflector.createDecorator<HttpRoute>();

/** Serves a route of the contracts: path and method come from the route's value. */
export function Serves(route: HttpRoute): MethodDecorator {
  return applyDecorators(methods[route.method](route.path.replaceAll(/\{(\w+)\}/g, ':$1')), servedRoute(route), HttpCode(200));
}
