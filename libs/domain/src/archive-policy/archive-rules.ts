import { z } from 'zod';

/** Every rule of the archive policy and what it refuses. The names are public: they stand in errors, reports and the command line's JSON. */
export const archiveRules = {
  // the file as a whole
  'not-gzip': 'The file is not gzip; brotli, zstd, zip and bare tar files are refused.',
  'bad-gzip': 'The compressed data is damaged, or its checksum or length is wrong.',
  truncated: 'The file ends too early.',
  'trailing-data': 'Something follows the end: a second gzip member, or bytes other than zero after the end marker.',
  'no-end-marker': 'The tar stream does not end with two blocks of zeros.',
  'bad-header': 'A tar header is damaged: checksum, number, magic, or a malformed extended header.',
  'ambiguous-header': 'Headers that tar programs read differently: overrides beyond the path, sizes that disagree, a body where none belongs.',
  'too-many-entries': 'More entries, or folders that their names imply, than the limit.',
  'too-large': 'More unpacked bytes than the limit, headers and padding included.',
  ratio: 'Expands more than the limit allows: a decompression bomb.',
  // the package
  'no-root': 'A file that lies in no folder; all files lie below one root folder, which is stripped.',
  'several-roots': 'More than one root folder.',
  'no-manifest': 'No package.json in the root folder.',
  'manifest-too-large': 'The package.json is larger than the limit.',
  // kinds of entries
  link: 'A symbolic or hard link.',
  'special-file': 'A device, pipe, sparse file or any other kind that is neither file nor folder.',
  // names
  traversal: 'A name with a ".." part, also with dots and spaces behind it that Windows drops.',
  'absolute-path': 'A name that starts at the root of a file system or drive.',
  'unclean-path': 'A name with an empty or "." part.',
  backslash: 'A name with a backslash, which some systems read as a separator.',
  'control-character': 'A name with NUL, a control character, a line separator or a text direction override.',
  'bad-encoding': 'A name that is not UTF-8.',
  'not-nfc': 'A name that is not in Unicode normalization form C.',
  'name-too-long': 'A part of a name longer than the limit.',
  'path-too-long': 'A name longer than the limit.',
  'too-deep': 'More parts than the limit.',
  'reserved-name': 'A name that Windows reserves for a device, such as CON or nul.js.',
  'git-folder': 'A file or folder named .git, whose hooks and settings git would run.',
  // names against each other
  'duplicate-name': 'Two files of one name.',
  'case-collision': 'Two names that are one on a system that ignores case, Unicode form or trailing dots.',
  'file-and-folder': 'One name used as a file and as a folder.',
} as const satisfies Record<string, string>;

/** The name of a rule. */
export type ArchiveRule = keyof typeof archiveRules;

/** The names of all rules, in the order of the table. */
export const archiveRuleNames = Object.keys(archiveRules) as [ArchiveRule, ...ArchiveRule[]];

/** Longest entry name that a violation repeats, in characters; a longer one is cut and ends with an ellipsis. */
export const maxShownName = 256;

/** One rule that an archive breaks. `entry` is the name inside the archive as found, root included; empty when the whole archive is meant. */
export const Violation = z
  .object({
    rule: z.enum(archiveRuleNames),
    entry: z.string(),
    message: z.string(),
  })
  .meta({ id: 'Violation' });
export type Violation = z.infer<typeof Violation>;

/** A violation whose entry name is cut to a length that can be shown. */
export function violation(rule: ArchiveRule, entry: string, message: string): Violation {
  const shown = entry.length > maxShownName ? `${entry.slice(0, maxShownName)}…` : entry;
  return { rule, entry: shown.toWellFormed(), message };
}
