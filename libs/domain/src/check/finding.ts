import { z } from 'zod';

/** What is looked at when a site is checked. */
export const CheckName = z.enum(['node', 'home', 'folder', 'permissions', 'disk', 'databases', 'records', 'blobs', 'releases', 'orphans', 'ports', 'network', 'site']);
export type CheckName = z.infer<typeof CheckName>;

/** Something that is not as it should be: what, why, and what to do. A `problem` harms somebody; a `note` is worth knowing. */
export const Finding = z
  .object({
    check: CheckName,
    level: z.enum(['problem', 'note']),
    what: z.string().max(2048),
    why: z.string().max(2048).optional(),
    todo: z.string().max(2048).optional(),
    /** It was put right. */
    fixed: z.boolean().optional(),
  })
  .meta({ id: 'Finding' });
export type Finding = z.infer<typeof Finding>;

/** What a check tells as it goes: how far it is, and what it found. */
export const CheckStep = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('checked'), check: CheckName, done: z.int().min(0), total: z.int().min(0).optional() }),
    z.object({ type: z.literal('finding'), finding: Finding }),
  ])
  .meta({ id: 'CheckStep' });
export type CheckStep = z.infer<typeof CheckStep>;

/** A step that tells of a finding. */
export function found(finding: Finding): CheckStep {
  return { type: 'finding', finding };
}
