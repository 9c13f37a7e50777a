import { Kind, manifestOf, maxPackageJsonBytes, parseStrictJson, SoukError, type PackageManifest } from '@souk/domain';

/** A package as a line of an import file describes it. */
export interface LinePackage extends PackageManifest {
  /** Its package.json: the fields of the line, with `kind` where npm programs don't mind it. */
  readonly packageJson: string;
  /** The kind that the line names itself. */
  readonly namedKind?: Kind;
  /** When it was last changed, by the line's `updated`, in milliseconds since 1970. */
  readonly updated?: number;
}

/** Most bytes of a line: what a package.json may have. */
export const maxLineBytes = maxPackageJsonBytes;

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

function wrong(field: string, problem: string): SoukError {
  return new SoukError('BAD_MANIFEST', `The field ${field} ${problem}.`, { details: { problems: [{ field, problem }] } });
}

/** The moment that `updated` names, as a date of ISO 8601 or milliseconds. Throws BAD_MANIFEST. */
function updatedOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const time = typeof value === 'string' ? Date.parse(value) : value;
  if (!Number.isSafeInteger(time) || (time as number) < 0) throw wrong('updated', 'is no date such as 2024-05-31T12:00:00Z');
  return time as number;
}

function requireCount(fields: Fields, name: string): void {
  const value = fields[name];
  if (value !== undefined && value !== null && !(Number.isSafeInteger(value) && (value as number) >= 0)) throw wrong(name, 'is no number of 0 or more');
}

/** The fields of package.json: those of the line, `kind` as `souk.kind` unless that says so already. */
function packageFields({ kind, ...fields }: Fields): Fields {
  if (kind === undefined || kind === null) return fields;
  const souk = isObject(fields['souk']) ? fields['souk'] : {};
  return { ...fields, souk: { kind, ...souk } };
}

/**
 * Reads a line: `name, version, description, keywords, author, dependencies, license, kind, updated, downloads, stars` and whatever else a
 * package.json may have. Downloads and stars stay facts of package.json: others' signatures, which nobody can import, count elsewhere.
 * Throws BAD_JSON, BAD_MANIFEST with all its problems.
 */
export function readLine(bytes: Uint8Array): LinePackage {
  const fields = parseStrictJson(bytes, { maxBytes: maxLineBytes });
  if (!isObject(fields)) throw new SoukError('BAD_MANIFEST', 'The line is no JSON object.');
  const updated = updatedOf(fields['updated']);
  for (const name of ['downloads', 'stars']) requireCount(fields, name);
  const written = packageFields(fields);
  const namedKind = Kind.safeParse(fields['kind']);
  return { ...manifestOf(written), packageJson: `${JSON.stringify(written, undefined, 2)}\n`, ...(namedKind.success ? { namedKind: namedKind.data } : {}), ...(updated === undefined ? {} : { updated }) };
}

/** A README out of what the line says. */
export function readmeOf({ name, manifest }: PackageManifest): string {
  const { description, keywords = [], homepage, license, author } = manifest;
  const facts = [
    ...(homepage === undefined ? [] : [`- Homepage: ${homepage}`]),
    ...(author?.name === undefined ? [] : [`- Author: ${author.name}`]),
    ...(license === undefined ? [] : [`- License: ${license}`]),
    ...(keywords.length === 0 ? [] : [`- Keywords: ${keywords.join(', ')}`]),
  ];
  return [`# ${name}`, ...(description === undefined ? [] : [description]), ...(facts.length === 0 ? [] : [facts.join('\n')])].join('\n\n') + '\n';
}
