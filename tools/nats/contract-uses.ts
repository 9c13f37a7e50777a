import { parseSync } from '@swc/core';

/** The contracts that a source names, by what it does with them. */
export interface ContractUses {
  /** Arguments of @Handles and @Streams. */
  readonly serves: readonly string[];
  /** Arguments of @Listens. */
  readonly listens: readonly string[];
  /** Everything else: handed to the rpc client, directly or on the way. */
  readonly sends: readonly string[];
}

/**
 * How a TypeScript source uses names that it imports from @souk/contracts. Whatever is not the argument of a decorator counts as
 * sent, so that a contract cannot be called in a way that goes unseen.
 * @param isContract whether a name is a contract, and no schema or limit
 */
export function contractUses(source: string, isContract: (name: string) => boolean): ContractUses {
  const tree = parseSync(source, { syntax: 'typescript', decorators: true, target: 'es2024' });
  const locals = new Map<string, string>();
  const uses = { serves: new Set<string>(), listens: new Set<string>(), sends: new Set<string>() };
  visit(tree, (node) => {
    if (node['type'] === 'ImportDeclaration') {
      for (const [local, imported] of importedContracts(node)) if (isContract(imported)) locals.set(local, imported);
      return false;
    }
    const bound = decoratorUse(node);
    const name = nameOf(bound?.argument ?? node);
    const contract = name === undefined ? undefined : locals.get(name);
    if (contract !== undefined) uses[bound?.as ?? 'sends'].add(contract);
    return contract === undefined;
  });
  return { serves: [...uses.serves], listens: [...uses.listens], sends: [...uses.sends] };
}

type Node = { readonly [key: string]: unknown };

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
const nameOf = (value: unknown): string | undefined => (isNode(value) && value['type'] === 'Identifier' ? String(value['value']) : undefined);

/** Visits a tree from the top; below a node for which the visitor says false it does not go. */
function visit(value: unknown, enter: (node: Node) => boolean): void {
  if (Array.isArray(value)) return value.forEach((item) => visit(item, enter));
  if (!isNode(value) || !enter(value)) return;
  for (const [field, child] of Object.entries(value)) if (!isMemberName(field, child)) visit(child, enter);
}

/** Methods and properties may be called as a contract is: their names are no uses of it. */
const isMemberName = (field: string, child: unknown): boolean => (field === 'key' || field === 'property') && nameOf(child) !== undefined;

function importedContracts(node: Node): [string, string][] {
  const source = isNode(node['source']) ? node['source']['value'] : undefined;
  if (source !== '@souk/contracts' || !Array.isArray(node['specifiers'])) return [];
  return (node['specifiers'] as Node[]).map((specifier) => {
    if (specifier['type'] !== 'ImportSpecifier') throw new Error('Contracts are imported by their names, so that it is seen which ones.');
    const local = nameOf(specifier['local']) ?? '';
    return [local, nameOf(specifier['imported']) ?? local];
  });
}

const decorators = { Handles: 'serves', Streams: 'serves', Listens: 'listens' } as const;

function decoratorUse(node: Node): { as: 'serves' | 'listens'; argument: unknown } | undefined {
  const call = node['type'] === 'Decorator' ? node['expression'] : undefined;
  if (!isNode(call) || call['type'] !== 'CallExpression' || !Array.isArray(call['arguments'])) return undefined;
  const as = decorators[nameOf(call['callee']) as keyof typeof decorators];
  const first: unknown = call['arguments'][0];
  return as && isNode(first) ? { as, argument: first['expression'] } : undefined;
}
