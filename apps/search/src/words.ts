/** Most words of a query that count. */
const maxWords = 12;

const marks = /\p{M}+/gu;
const runs = /[\p{L}\p{N}]+/gu;
/** Nothing in it that would have to be decomposed: most names and descriptions. */
const plain = /^\p{ASCII}*$/u;

/** The words of a text: runs of letters and digits, without case and without accents, in their order. */
export function wordsIn(text: string): string[] {
  const folded = plain.test(text) ? text : text.normalize('NFD').replace(marks, '').normalize('NFC');
  return folded.toLowerCase().match(runs) ?? [];
}

/** The words of what someone typed; those after the twelfth do not count. */
export function queryWords(text: string): string[] {
  return wordsIn(text).slice(0, maxWords);
}
