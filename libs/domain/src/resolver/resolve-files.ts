import { z } from 'zod';
import { SoukError } from '../errors/souk-error.ts';
import { isRange, Version } from '../id/version.ts';
import { rangeOf } from '../package/manifest-requirements.ts';
import { prototypeKeys } from '../package/strict-json.ts';
import type { Resolution } from './resolution.ts';
import type { Candidate, Requirement, Root, Universe } from './universe.ts';

const Name = z
  .string()
  .min(1)
  .max(214)
  .refine((name) => !prototypeKeys.has(name), 'is not a package name');
const Dependencies = z.record(Name, z.string().max(1024));

/** A universe in a file: name to version to what that version requires. Ranges are texts of any kind, as packages publish them. */
export const UniverseFile = z.record(Name, z.record(Version, z.object({ dependencies: Dependencies.optional(), yanked: z.boolean().optional() }))).meta({ id: 'Universe' });
export type UniverseFile = z.infer<typeof UniverseFile>;

/** A root in a file: what it requires, and versions that are kept where they fit. */
export const RootFile = z.object({ dependencies: Dependencies, locked: z.record(Name, Version).optional() }).meta({ id: 'Root' });
export type RootFile = z.infer<typeof RootFile>;

/** What `souk resolve --json` prints. */
export const ResolveAnswer = z
  .discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), packages: z.record(z.string(), z.string()) }),
    z.object({ ok: z.literal(false), code: z.enum(['UNSATISFIABLE', 'PACKAGE_NOT_FOUND', 'RESOLUTION_TOO_HARD']), explanation: z.string() }),
  ])
  .meta({ id: 'Resolution' });
export type ResolveAnswer = z.infer<typeof ResolveAnswer>;

/** The universe that a file describes; throws BAD_REQUEST with all problems. */
export function parseUniverse(json: unknown): Universe {
  const file = read(UniverseFile, json, 'universe');
  const packages = new Map(
    Object.entries(file).map(([name, versions]) => [
      name,
      Object.entries(versions).map(([version, { dependencies = {}, yanked = false }]): Candidate => ({ version, requirements: requirements(dependencies), yanked })),
    ]),
  );
  return { versions: (name) => packages.get(name), names: () => packages.keys() };
}

/** The root that a file describes; throws BAD_REQUEST with all problems, and BAD_RANGE for a dependency that is no range. */
export function parseRoot(json: unknown): Root {
  const { dependencies, locked } = read(RootFile, json, 'root');
  const wanted = requirements(dependencies);
  const wrong = wanted.filter(({ range }) => !isRange(range));
  if (wrong.length > 0) {
    const text = wrong.map(({ name, range }) => `${name} "${range.slice(0, 80)}"`).join(', ');
    throw new SoukError('BAD_RANGE', `The root requires what is not a version range: ${text.slice(0, 1000)}.`, { hint: 'Use a semver range such as ^1.2.0, ~1.2.0, >=1 <3 or *.' });
  }
  return { requirements: wanted, ...(locked ? { locked } : {}) };
}

/** A resolution in the form of the command line's answer. */
export function answerOf(resolution: Resolution): ResolveAnswer {
  if (resolution.ok) return { ok: true, packages: resolution.packages };
  const { code, explanation } = resolution;
  return { ok: false, code, explanation };
}

function requirements(dependencies: Readonly<Record<string, string>>): Requirement[] {
  return Object.entries(dependencies).map(([name, text]) => ({ name, range: rangeOf(text) }));
}

function read<T>(schema: z.ZodType<T>, json: unknown, what: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 100).map((issue) => ({ field: issue.path.map(String).join('.') || what, problem: issue.message }));
  const text = problems.slice(0, 10).map(({ field, problem }) => `"${field.slice(0, 200)}" ${problem}`).join('; ');
  throw new SoukError('BAD_REQUEST', `The ${what} is not understood: ${text}.`, { details: { problems } });
}
