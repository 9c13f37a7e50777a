/** The beginning of a package's readme. */
export interface Readme {
  /** Its name below the root folder, as spelled there. */
  readonly path: string;
  /** Its text; bytes that are not UTF-8 become U+FFFD. */
  readonly text: string;
  /** Whether the file is longer than the text. */
  readonly cut: boolean;
}

/** Most bytes of a readme that are kept. */
export const maxReadmeBytes = 262_144;

/** How well a root file fits as readme, 0 best; undefined for any other file. */
export function readmeRank(path: string): number | undefined {
  const name = path.toLowerCase();
  if (name === 'readme.md') return 0;
  if (name === 'readme.markdown') return 1;
  return /^readme(?:\.[a-z0-9]+)?$/.test(name) ? 2 : undefined;
}

/** The readme that begins with these bytes of a file of `size` bytes. A character that the cut splits is left out. */
export function readmeOf(path: string, bytes: Uint8Array, size: number): Readme {
  const cut = size > bytes.length;
  return { path, text: new TextDecoder().decode(bytes, { stream: cut }), cut };
}

/** The readme among files in memory: the one that fits best, the first of equals. */
export function bestReadme(files: readonly { readonly path: string; readonly content: Uint8Array }[]): Readme | undefined {
  let best: { readonly rank: number; readonly path: string; readonly content: Uint8Array } | undefined;
  for (const { path, content } of files) {
    const rank = readmeRank(path);
    if (rank !== undefined && rank < (best?.rank ?? Number.POSITIVE_INFINITY)) best = { rank, path, content };
  }
  return best && readmeOf(best.path, best.content.subarray(0, maxReadmeBytes), best.content.length);
}
