import { isDerived, type Incompatibility, type RequirementCause } from './incompatibility.ts';
import { statement } from './term-text.ts';

const maxLines = 40;
const maxLength = 6000;

/** One sentence of an explanation: what it concludes, from requirements and from other conclusions. */
interface Line {
  readonly conclusion: Incompatibility;
  readonly parts: readonly Incompatibility[];
  /** Whether the sentence before concludes one of its reasons, so that "And" says enough. */
  readonly goesOn: boolean;
}

/**
 * Why there is no solution, in sentences of which each follows from requirements and sentences before it, after the error reporting of
 * PubGrub. A conclusion that is used further down has a number. Long explanations are cut in the middle.
 */
export function explain(proofs: readonly Incompatibility[], near: (cause: RequirementCause) => readonly string[]): string {
  const stated = proofs.filter(({ cause }) => !isDerived(cause)).map((one) => capital(`${statement(one, near)}.`));
  const lines = linesOf(proofs.filter(({ cause }) => isDerived(cause)));
  const named = new Set(lines.flatMap(({ parts }) => parts.filter(({ cause }) => isDerived(cause))));
  const numbers = new Map(lines.filter(({ conclusion }) => named.has(conclusion)).map(({ conclusion }, at) => [conclusion, at + 1]));
  const text = (one: Incompatibility) => `${statement(one, near)}${isDerived(one.cause) ? ` (${numbers.get(one)})` : ''}`;
  const sentences = lines.map(({ conclusion, parts, goesOn }) => {
    const reasons = parts.map(text).reduce((all, one, at) => `${all}${endsAside(parts[at - 1]) ? ',' : ''} and ${one}`);
    const number = numbers.get(conclusion);
    return `${goesOn ? 'And because' : 'Because'} ${reasons}, ${statement(conclusion, near)}.${number === undefined ? '' : ` (${number})`}`;
  });
  return cut([...stated, ...sentences]);
}

/** The derived incompatibilities of proofs, each after those that it follows from. */
function linesOf(proofs: readonly Incompatibility[]): Line[] {
  const lines: Line[] = [];
  const done = new Set<Incompatibility>();
  const open = [...proofs].reverse();
  for (let one = open.at(-1); one !== undefined; one = open.at(-1)) {
    const reasons = isDerived(one.cause) ? one.cause : [];
    const undone = reasons.filter((reason) => isDerived(reason.cause) && !done.has(reason));
    if (done.has(one) || undone.length === 0) {
      open.pop();
      if (!done.has(one)) lines.push(lineOf(one, reasons, lines.at(-1)?.conclusion));
      done.add(one);
    } else {
      open.push(undone[0] as Incompatibility);
    }
  }
  return lines;
}

function lineOf(conclusion: Incompatibility, reasons: readonly Incompatibility[], previous: Incompatibility | undefined): Line {
  const parts = reasons.filter((reason) => reason !== previous);
  return { conclusion, parts, goesOn: parts.length < reasons.length };
}

/** Whether the statement ends in a remark of its own, so that a comma must part it from the next. */
function endsAside(one: Incompatibility | undefined): boolean {
  return one !== undefined && !isDerived(one.cause) && one.cause.deadEnd !== undefined;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function cut(sentences: readonly string[]): string {
  const kept = sentences.length <= maxLines ? sentences : [...sentences.slice(0, 10), `(${sentences.length - 30} more steps)`, ...sentences.slice(-20)];
  const text = kept.join('\n');
  return text.length <= maxLength ? text : `${text.slice(0, maxLength / 2)}\n…\n${text.slice(-maxLength / 2)}`;
}
