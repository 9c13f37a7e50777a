import { StandardSchemaValidationPipe } from '@nestjs/common';
import { badRequest } from './problems.ts';

/** Checks every `@Body/@Query/@Param/@Payload({ schema })` and hands the parsed value on; BAD_REQUEST with `details.problems` otherwise. */
export function schemaPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({ exceptionFactory: (issues) => badRequest('The request', issues) });
}
