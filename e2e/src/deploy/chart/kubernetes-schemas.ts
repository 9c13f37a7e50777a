import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const Definition = z.looseObject({ 'x-kubernetes-group-version-kind': z.array(z.object({ group: z.string(), version: z.string(), kind: z.string() })).optional() });
const Swagger = z.object({ definitions: z.record(z.string(), Definition) });
type Json = Record<string, unknown>;

const tools = fileURLToPath(new URL('../../../../.tools', import.meta.url));
const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const eitherOr = { oneOf: [{ type: 'string' }, { type: 'number' }] };

/**
 * The folder of the JSON schemas of a Kubernetes version, one file a kind, as kubeconform asks for them: `{kind}{-group}-{version}.json`. They are made
 * of the OpenAPI document in the sources of that version, which Go fetches and checks, and are strict: a field that there is not is a mistake.
 * Throws where there is no Go.
 */
export function kubernetesSchemas(version: string): string {
  const folder = join(tools, `kubernetes-schemas-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(tools, { recursive: true });
  const { Dir } = z.object({ Dir: z.string() }).parse(JSON.parse(execFileSync('go', ['mod', 'download', '-json', `k8s.io/kubernetes@v${version}`], { cwd: tools, encoding: 'utf8', env: { ...process.env, GOFLAGS: '-mod=mod' } })));
  const { definitions } = Swagger.parse(JSON.parse(readFileSync(join(Dir, 'api/openapi-spec/swagger.json'), 'utf8')));
  const draft = mkdtempSync(join(tools, 'schemas-'));
  const schemas: Record<string, Json> = Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, name === quantity ? eitherOr : strict(definition)]));
  for (const [name, { 'x-kubernetes-group-version-kind': kinds = [] }] of Object.entries(definitions)) {
    const [only, ...others] = kinds;
    if (!only || others.length > 0) continue;
    const group = only.group === '' ? '' : `-${only.group.split('.')[0]}`;
    writeFileSync(join(draft, `${only.kind.toLowerCase()}${group}-${only.version}.json`), JSON.stringify({ $ref: `#/definitions/${name}`, definitions: reachable(schemas, name) }));
  }
  renameSync(draft, folder);
  return folder;
}

/** A schema that takes no fields but its own, and both numbers and text where Kubernetes does. */
function strict(schema: Json): Json {
  if (schema['format'] === 'int-or-string') return eitherOr;
  const parts = Object.entries(schema).map(([key, value]) => {
    if (key === 'properties') return [key, Object.fromEntries(Object.entries(value as Record<string, Json>).map(([name, one]) => [name, strict(one)]))];
    return [key, key === 'items' || (key === 'additionalProperties' && typeof value === 'object') ? strict(value as Json) : value];
  });
  const whole = Object.fromEntries(parts.filter(([key]) => !String(key).startsWith('x-') && key !== 'description')) as Json;
  return whole['properties'] !== undefined && whole['additionalProperties'] === undefined ? { ...whole, additionalProperties: false } : whole;
}

function reachable(schemas: Record<string, Json>, from: string): Record<string, Json> {
  const found: Record<string, Json> = {};
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const schema = schemas[name];
    if (!schema || found[name]) continue;
    found[name] = schema;
    open.push(...[...JSON.stringify(schema).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map((match) => match[1] ?? ''));
  }
  return found;
}
