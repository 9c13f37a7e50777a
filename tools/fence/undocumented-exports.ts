const declaration = /^export (?:declare |abstract |async )*(?:function\*?|class|const|let|enum|interface|type|namespace) (?<name>[\w$]+)/;

/**
 * The names that a source declares and exports at its top level without a doc comment right above (decorators may stand
 * between). A second declaration of a name - an overload, the type beside its schema - shares the comment of the first, and
 * a type derived by `typeof` from a documented value that of the value.
 */
export function undocumentedExports(source: string): string[] {
  const lines = source.split('\n');
  const documented = new Set<string>();
  const missing = new Set<string>();
  lines.forEach((line, n) => {
    const name = declaration.exec(line)?.groups?.['name'];
    if (name === undefined || documented.has(name)) return;
    const derivedFrom = /^export type .*\btypeof (?<value>[\w$]+)/.exec(line)?.groups?.['value'] ?? '';
    if (hasDoc(lines, n) || documented.has(derivedFrom)) documented.add(name);
    else missing.add(name);
  });
  return [...missing];
}

/** Whether the lines above line `n`, up over its decorators, end with a doc comment. */
function hasDoc(lines: readonly string[], n: number): boolean {
  for (let above = n - 1; above >= 0; above -= 1) {
    const line = lines[above] ?? '';
    if (line.endsWith('*/')) return opensAsDoc(lines, above);
    if (!/^(?:@| |\}\)|\))/.test(line)) return false;
  }
  return false;
}

function opensAsDoc(lines: readonly string[], end: number): boolean {
  let start = end;
  while (start > 0 && !lines[start]?.trimStart().startsWith('/*')) start -= 1;
  return lines[start]?.trimStart().startsWith('/**') ?? false;
}
