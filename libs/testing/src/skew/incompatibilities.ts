import { Cid, KeyId, PackageName, Version } from '@souk/domain';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { z } from 'zod';
import { fc } from '../properties/index.ts';
import { sampleOf, type JsonSchema } from './sample-of.ts';
import { schemasOf, type Released, type ReleasedContract } from './released.ts';

/** Samples of each contract and direction. */
const runs = 30;

const is = (schema: z.ZodType) => (text: string): boolean => schema.safeParse(text).success;

function judge(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false });
  ajv.addKeyword({ keyword: 'bytes', validate: ({ min, max }: { min: number; max: number }, value: unknown) => value instanceof Uint8Array && value.length >= min && value.length <= max });
  const formats = { cid: is(Cid), key: is(KeyId), version: is(Version), 'package-name': is(PackageName), 'dependency-name': () => true, uri: (text: string) => URL.canParse(text) };
  for (const [name, validate] of Object.entries(formats)) ajv.addFormat(name, validate);
  return ajv;
}

/** The value with a field in each object, at any depth, that nobody knows. Records of names to values stay as they are: there, a field is an entry. */
function withUnknown(value: unknown, schema: JsonSchema, root: JsonSchema): unknown {
  if (typeof schema['$ref'] === 'string') return withUnknown(value, (root['$defs'] as Record<string, JsonSchema>)[schema['$ref'].slice('#/$defs/'.length)] ?? {}, root);
  if (Array.isArray(value)) return value.map((one) => withUnknown(one, (schema['items'] ?? {}) as JsonSchema, root));
  const variants = (schema['anyOf'] ?? schema['oneOf']) as JsonSchema[] | undefined;
  if (variants) return withUnknown(value, variants.find((one) => fitsConstants(value, one)) ?? {}, root);
  const properties = schema['properties'] as Record<string, JsonSchema> | undefined;
  if (!properties || typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return { ...Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withUnknown(one, properties[name] ?? {}, root)])), fieldOfALaterVersion: { deep: [1] } };
}

function fitsConstants(value: unknown, { properties }: JsonSchema): boolean {
  const all = Object.entries((properties ?? {}) as Record<string, JsonSchema>).filter(([, one]) => one['const'] !== undefined);
  return all.length > 0 && all.every(([name, one]) => (value as Record<string, unknown>)[name] === one['const']);
}

function unreadToday(name: string, { writes }: ReleasedContract, today: z.ZodType, version: string): string | undefined {
  for (const sample of fc.sample(sampleOf(writes), { ...fc.readConfigureGlobal(), numRuns: runs })) {
    const [plain, more] = [sample, withUnknown(sample, writes, writes)].map((one) => today.safeParse(one));
    const issue = plain?.error?.issues[0] ?? more?.error?.issues[0];
    if (issue) return `${name}: today does not read what ${version} writes${plain?.success ? ' once a later version adds a field' : ''}: ${issue.path.join('.')} ${issue.message}`;
  }
  return undefined;
}

function unreadThen(name: string, reads: ValidateFunction, today: z.ZodType, version: string): string | undefined {
  for (const sample of fc.sample(sampleOf(schemasOf(today).writes), { ...fc.readConfigureGlobal(), numRuns: runs })) {
    const issue = reads(sample) ? undefined : reads.errors?.[0];
    if (issue) return `${name}: ${version} does not read what today writes: ${issue.instancePath} ${issue.message}`;
  }
  return undefined;
}

/**
 * Where a released version and today's contracts do not understand each other, in either direction: every message of the one, made up from
 * its schema, is read by the other. Also what the released version had and today has no more. None: both can run in one site and one network.
 */
export function incompatibilities(released: Released, today: ReadonlyMap<string, z.ZodType>, errors: Readonly<Record<string, unknown>>): string[] {
  const ajv = judge();
  const { version } = released;
  const codes = Object.entries(released.errors).filter(([code, entry]) => JSON.stringify(errors[code]) !== JSON.stringify(entry));
  return [
    ...codes.map(([code]) => `error ${code} is gone or means something else than in ${version}`),
    ...Object.entries(released.contracts).flatMap(([name, contract]) => {
      const schema = today.get(name);
      if (!schema) return [`${name} is gone; ${version} relies on it`];
      return [unreadToday(name, contract, schema, version), unreadThen(name, ajv.compile(contract.reads), schema, version)].filter((one) => one !== undefined);
    }),
  ];
}
