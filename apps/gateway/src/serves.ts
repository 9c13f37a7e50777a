import { applyDecorators, Delete, Get, HttpCode, Post, Put } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiBody, ApiConsumes, ApiDefaultResponse, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { carType, type HttpRoute } from '@souk/contracts';
import { ErrorBody } from '@souk/domain';
import type { z } from 'zod';

const methods = { GET: Get, POST: Post, PUT: Put, DELETE: Delete } as const;

/** The route that a handler serves: what guards go by. */
export const servedRoute = Reflector.createDecorator<HttpRoute>();

function answerOf(route: HttpRoute): MethodDecorator[] {
  const { answer } = route;
  if (answer === 'bytes') return [ApiProduces('application/octet-stream'), ApiOkResponse({ schema: { type: 'string', format: 'binary' } })];
  if ('events' in answer) return [ApiProduces('text/event-stream'), ApiOkResponse({ standardSchema: answer.events })];
  return [ApiOkResponse({ standardSchema: answer as z.ZodType })];
}

const neededScope = ({ scope }: HttpRoute): string => (scope === 'none' ? 'For everybody.' : scope === 'any' ? 'For whoever is let in.' : `Needs the scope ${scope}.`);

/** Serves a route of the contracts: path, method and documentation come from the route's value. */
export function Serves(route: HttpRoute): MethodDecorator {
  const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
  const type = route.body === 'bytes' ? 'application/octet-stream' : route.body === 'car' ? carType : undefined;
  const upload = type === undefined ? [] : [ApiConsumes(type), ApiBody({ schema: { type: 'string', format: 'binary' } })];
  return applyDecorators(
    methods[route.method](path),
    servedRoute(route),
    HttpCode(200),
    ApiOperation({ summary: route.summary, description: neededScope(route) }),
    ApiTags(route.path.split('/')[2] ?? 'v1'),
    ApiDefaultResponse({ description: 'What happened, why, what to do.', standardSchema: ErrorBody }),
    ...upload,
    ...answerOf(route),
  );
}
