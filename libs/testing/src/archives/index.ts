import type { HostileArchive } from './archive-case.ts';
import { hostileHeaders, hostileKinds, hostileSmuggling } from './hostile-entries.ts';
import { hostileGzip, hostileSizes } from './hostile-files.ts';
import { hostileCollisions, hostileNames } from './hostile-names.ts';

export type { HostileArchive } from './archive-case.ts';
export { endMarker, gnuLong, gzipOf, manifestEntry, packageOf, packageOfFiles, paxHeader, paxRecord, tarEntry, type RawEntry } from './raw-tar.ts';
export { soundArchives, type SoundArchive } from './sound-archives.ts';

/** Archives that must be refused wherever an archive enters, each for the rule it names. */
export const hostileArchives: readonly HostileArchive[] = [
  ...hostileNames,
  ...hostileCollisions,
  ...hostileKinds,
  ...hostileHeaders,
  ...hostileSmuggling,
  ...hostileGzip,
  ...hostileSizes,
];
