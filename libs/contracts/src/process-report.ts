import { ErrorBody } from '@souk/domain';
import { z } from 'zod';

/**
 * What a program of Souk tells whoever started it with an IPC channel: once that it runs, with the address at which it answers HTTP,
 * or why it ends.
 */
export const ProcessReport = z.union([z.object({ started: z.object({ url: z.url().optional() }) }), z.object({ failed: ErrorBody })]);
export type ProcessReport = z.infer<typeof ProcessReport>;
