import type { CommandDefinition } from './command.ts';

/** A command as the help lists it; its code is loaded only when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandDefinition>;
}

/** All commands, in the order of the help. */
export const commandTable: readonly CommandEntry[] = [
  { name: 'up', summary: 'start a site on this machine', load: async () => (await import('./commands/up.ts')).up },
  { name: 'demo', summary: 'publish three example templates', load: async () => (await import('./commands/demo.ts')).demo },
  { name: 'publish', summary: 'sign and publish a folder or .tgz', load: async () => (await import('./commands/publish.ts')).publish },
  { name: 'import', summary: 'publish many packages, one JSON line each', load: async () => (await import('./commands/import.ts')).importFile },
  { name: 'search', summary: 'find templates and packages', load: async () => (await import('./commands/search.ts')).search },
  { name: 'info', summary: 'show a package or one version', load: async () => (await import('./commands/info.ts')).info },
  { name: 'install', summary: 'verify and install packages into souk_modules', load: async () => (await import('./commands/install.ts')).install },
  { name: 'uninstall', summary: 'remove packages', load: async () => (await import('./commands/uninstall.ts')).uninstall },
  { name: 'list', summary: 'list what is installed', load: async () => (await import('./commands/list.ts')).list },
  { name: 'resolve', summary: 'resolve a root against a universe, both files', load: async () => (await import('./commands/resolve.ts')).resolve },
  { name: 'verify', summary: 'check a .tgz against the archive policy', load: async () => (await import('./commands/verify.ts')).verify },
  { name: 'tag', summary: 'point a tag at a version', load: async () => (await import('./commands/tag.ts')).tag },
  { name: 'yank', summary: 'withdraw a version from new installs', load: async () => (await import('./commands/yank.ts')).yank },
  { name: 'deprecate', summary: 'advise against a version', load: async () => (await import('./commands/deprecate.ts')).deprecate },
  { name: 'undo', summary: 'take a yank or deprecation back', load: async () => (await import('./commands/undo.ts')).undo },
  { name: 'network', summary: 'show the network, its peers, who holds a blob; make an invite', load: async () => (await import('./commands/network.ts')).network },
  { name: 'login', summary: 'keep a token for a site, or forget it', load: async () => (await import('./commands/login.ts')).login },
  { name: 'account', summary: 'list, make, change and close accounts of a site', load: async () => (await import('./commands/account.ts')).account },
  { name: 'token', summary: 'list, make and revoke tokens of a site', load: async () => (await import('./commands/token.ts')).token },
  { name: 'policy', summary: 'decide who owns names, shut out, take down', load: async () => (await import('./commands/policy.ts')).policy },
  { name: 'key', summary: 'your keys and those of your other computers: show, join, add, revoke, rotate', load: async () => (await import('./commands/key.ts')).key },
  { name: 'config', summary: 'show and change settings', load: async () => (await import('./commands/config.ts')).config },
  { name: 'doctor', summary: 'check a site, its data and this machine', load: async () => (await import('./commands/doctor.ts')).doctor },
  { name: 'backup', summary: 'save records and blobs of a site in one file', load: async () => (await import('./commands/backup.ts')).backup },
  { name: 'restore', summary: 'restore a backup into an empty folder', load: async () => (await import('./commands/restore.ts')).restore },
];
