import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A program of `tools/external/external-tools.ts` that is there, and its version; or why there is none, in one line. */
export type ExternalProgram = { readonly path: string; readonly version: string } | { readonly why: string };

const printer = fileURLToPath(new URL('../../../../tools/external/print-tool.ts', import.meta.url));
const known = new Map<string, ExternalProgram>();

/** Finds such a program, and fetches it when it has to, which can take minutes. Asked again it answers the same. */
export function findExternal(name: string): ExternalProgram {
  const found = known.get(name) ?? (JSON.parse(execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', printer, name], { encoding: 'utf8' })) as ExternalProgram);
  known.set(name, found);
  return found;
}

/** The path of such a program. Throws where there is none, saying which and why: specs that need it fail and are not skipped. */
export function externalProgram(name: string): string {
  const found = findExternal(name);
  if ('why' in found) throw new Error(found.why);
  return found.path;
}
