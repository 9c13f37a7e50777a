/** Most words of a query that count. */
const maxWords = 12;

/** The words of a text as FTS5's unicode61 tokenizer would split it: runs of letters and digits. */
export function wordsOf(text: string): string[] {
  return (text.normalize('NFC').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, maxWords);
}

/**
 * The FTS5 match expression of what someone typed: all words, each as a prefix, so that an answer is there before the word ends.
 * Nothing typed can be an operator, because every word is quoted. Undefined when there are no words.
 */
export function matchExpression(text: string, join: 'AND' | 'OR' = 'AND'): string | undefined {
  const words = wordsOf(text);
  return words.length === 0 ? undefined : words.map((word) => `"${word}"*`).join(` ${join} `);
}
