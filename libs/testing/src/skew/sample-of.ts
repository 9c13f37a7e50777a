import { blobCid, keyId, sha256Of } from '@souk/domain';
import { fc } from '../properties/index.ts';

/** A JSON Schema as zod writes it (draft 2020-12), with `bytes: { min, max }` for bytes that no JSON can hold. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/);
const number = fc.nat(20);

/** Texts of the formats that contracts name. */
const formats: Readonly<Record<string, fc.Arbitrary<string>>> = {
  cid: seed.map((bytes) => blobCid(sha256Of(bytes))),
  key: seed.map(keyId),
  version: fc.tuple(number, number, number).map((parts) => parts.join('.')),
  'package-name': fc.oneof(word, fc.tuple(word, word).map(([scope, name]) => `@${scope}/${name}`)),
  'dependency-name': word,
  uri: fc.webUrl(),
  'date-time': fc.nat(2 ** 41).map((ms) => new Date(ms).toISOString()),
};

/** Longest text and most items of a sample, where a schema asks for no more: samples are many, not large. */
const short = 12;
const few = 3;

interface Limits {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

function text(schema: JsonSchema & Limits): fc.Arbitrary<string> {
  const { format, pattern, minLength = 0, maxLength = Infinity } = schema;
  if (typeof format === 'string') {
    const known = formats[format];
    if (!known) throw new Error(`no samples are known of the format ${format}`);
    return known;
  }
  if (typeof pattern !== 'string') return fc.string({ minLength, maxLength: Math.min(maxLength, minLength + short) });
  // Only one kind of character: a length beside the pattern becomes part of it, because few texts would have it by chance.
  const [, alphabet] = /^\^(\[[^\]]+\])\*\$$/.exec(pattern) ?? [];
  return fc.stringMatching(new RegExp(alphabet === undefined ? pattern : `^${alphabet}{${minLength},${Math.min(maxLength, minLength + short)}}$`));
}

/** Values that a JSON Schema describes, small and of every variant. Throws for what contracts have not used so far. */
export function sampleOf(schema: JsonSchema, root: JsonSchema = schema): fc.Arbitrary<unknown> {
  const { $ref, bytes, const: only, enum: some, anyOf, oneOf, type } = schema;
  if (typeof $ref === 'string') return sampleOf(refersTo($ref, root), root);
  if (bytes !== undefined) return bytesOf(bytes as { min: number; max: number });
  if (only !== undefined) return fc.constant(only);
  if (Array.isArray(some)) return fc.constantFrom(...(some as unknown[]));
  const variants = anyOf ?? oneOf;
  if (Array.isArray(variants)) return fc.oneof(...(variants as JsonSchema[]).map((one) => sampleOf(one, root)));
  return sampleOfType(type, schema, root);
}

function sampleOfType(type: unknown, schema: JsonSchema & Limits, root: JsonSchema): fc.Arbitrary<unknown> {
  const { minimum = -1000, maximum = 1e6 } = schema;
  switch (type) {
    case undefined:
      return fc.jsonValue();
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: Math.max(minimum, -1e6), max: Math.min(maximum, 1e6) });
    case 'number':
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case 'string':
      return text(schema);
    case 'array': {
      const { items = {}, minItems = 0, maxItems = Infinity } = schema;
      return fc.array(sampleOf(items as JsonSchema, root), { minLength: minItems, maxLength: Math.min(maxItems, minItems + few) });
    }
    case 'object':
      return objectOf(schema, root);
    default:
      throw new Error(`no samples are known of the type ${String(type)}`);
  }
}

const bytesOf = ({ min, max }: { readonly min: number; readonly max: number }): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: min, maxLength: Math.min(max, min + short) });

function refersTo(ref: string, root: JsonSchema): JsonSchema {
  const name = /^#\/\$defs\/(.+)$/.exec(ref)?.[1];
  const found = name === undefined ? undefined : (root['$defs'] as Record<string, JsonSchema> | undefined)?.[name];
  if (!found) throw new Error(`a schema refers to ${ref}, which is not in it`);
  return found;
}

function objectOf(schema: JsonSchema, root: JsonSchema): fc.Arbitrary<object> {
  const { properties, required = [], additionalProperties, propertyNames } = schema as { properties?: Record<string, JsonSchema>; required?: string[]; additionalProperties?: unknown; propertyNames?: JsonSchema };
  if (properties) {
    const fields = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, sampleOf(one, root)]));
    return fc.record(fields, { requiredKeys: required.filter((name) => name in fields) });
  }
  const key = propertyNames ? (sampleOf({ type: 'string', ...propertyNames }, root) as fc.Arbitrary<string>) : word;
  const value = typeof additionalProperties === 'object' && additionalProperties !== null ? sampleOf(additionalProperties as JsonSchema, root) : fc.jsonValue();
  return fc.dictionary(key, value, { maxKeys: few, noNullPrototype: true });
}
