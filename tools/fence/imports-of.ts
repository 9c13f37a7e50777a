import { parseSync } from '@swc/core';

/**
 * Every specifier that a TypeScript source names: static and dynamic imports, re-exports, `import("x").Type`, `require("x")`
 * and `import x = require("x")`. Computed specifiers are left out.
 */
export function importsOf(source: string): string[] {
  const found: string[] = [];
  visit(parseSync(source, { syntax: 'typescript', decorators: true, target: 'es2024' }), found);
  return found;
}

type Node = { readonly [key: string]: unknown };

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
const text = (value: unknown): string | undefined => (isNode(value) && value['type'] === 'StringLiteral' ? String(value['value']) : undefined);

function visit(value: unknown, found: string[]): void {
  if (Array.isArray(value)) return value.forEach((item) => visit(item, found));
  if (!isNode(value)) return;
  const specifier = specifierOf(value);
  if (specifier !== undefined) found.push(specifier);
  for (const child of Object.values(value)) visit(child, found);
}

function specifierOf(node: Node): string | undefined {
  switch (node['type']) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return text(node['source']);
    case 'TsImportType':
      return text(node['argument']);
    case 'TsExternalModuleReference':
      return text(node['expression']);
    case 'CallExpression':
      return callsForModule(node['callee']) ? text(firstArgument(node)) : undefined;
    default:
      return undefined;
  }
}

const callsForModule = (callee: unknown): boolean =>
  isNode(callee) && (callee['type'] === 'Import' || (callee['type'] === 'Identifier' && callee['value'] === 'require'));

function firstArgument(call: Node): unknown {
  const args: unknown = call['arguments'];
  const first: unknown = Array.isArray(args) ? args[0] : undefined;
  return isNode(first) ? first['expression'] : undefined;
}
