/**
 * The SQLite of this Node, looked up when it is first needed: what only keeps files must also run where there is none, which an `import`
 * would forbid.
 */
export function sqlite(): typeof import('node:sqlite') {
  return process.getBuiltinModule('node:sqlite');
}
