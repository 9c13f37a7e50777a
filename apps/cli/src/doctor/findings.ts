import type { CheckName, CheckStep, Finding } from '@souk/domain';
import type { Context } from '../context.ts';
import { count } from '../output/printable.ts';
import { table } from '../output/table.ts';

/** What was looked at, and how many things of it. */
export interface Checked {
  readonly check: CheckName;
  readonly done: number;
}

/** Collects what checks tell, and shows on a terminal how far they are. */
export class Findings {
  readonly all: Finding[] = [];
  readonly #checked = new Map<CheckName, number>();
  readonly #context: Context;
  #shown = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Takes what one group of checks tells. */
  async take(steps: AsyncIterable<CheckStep>): Promise<void> {
    for await (const step of steps) {
      if (step.type === 'finding') this.add(step.finding);
      else this.#progress(step.check, step.done, step.total);
    }
  }

  /** Adds one finding. */
  add(finding: Finding): void {
    this.all.push(finding);
    if (!this.#checked.has(finding.check)) this.#checked.set(finding.check, 0);
  }

  /** Something was looked at. */
  done(check: CheckName): void {
    this.#progress(check, (this.#checked.get(check) ?? 0) + 1, undefined);
  }

  /** What was looked at, in order. */
  get checked(): Checked[] {
    return [...this.#checked].map(([check, done]) => ({ check, done }));
  }

  /** Problems that are still there. */
  get problems(): number {
    return this.all.filter((one) => one.level === 'problem' && !one.fixed).length;
  }

  /** Removes what was shown of the progress. */
  hide(): void {
    if (this.#shown > 0) this.#context.host.stderr.write(`\r${' '.repeat(this.#shown)}\r`);
    this.#shown = 0;
  }

  /** All of it for people. */
  text(): string {
    const rows = this.checked.map(({ check, done }) => [check, this.#verdict(check), done > 1 ? `${done} checked` : '']);
    const told = this.all.map((one) => `\n${headline(one)}\n${line('why', one.why)}${line('do', one.fixed ? undefined : one.todo)}`).join('');
    const fixed = this.all.filter((one) => one.fixed).length;
    const end = this.problems === 0 ? 'Nothing is wrong' : `${count(this.problems, 'problem')} to look at`;
    return `${table(['CHECK', 'STATE', ''], rows)}${told}\n${end}${fixed > 0 ? `; ${fixed} put right` : ''}.\n`;
  }

  #verdict(check: CheckName): string {
    const found = this.all.filter((one) => one.check === check);
    if (found.some((one) => one.level === 'problem' && !one.fixed)) return 'problem';
    if (found.some((one) => one.fixed)) return 'fixed';
    return found.length > 0 ? 'note' : 'ok';
  }

  #progress(check: CheckName, done: number, total: number | undefined): void {
    this.#checked.set(check, done);
    if (!this.#context.out.animated || total === undefined) return;
    this.hide();
    const text = `${check}: ${done} of ${total}`;
    this.#shown = text.length;
    this.#context.host.stderr.write(text);
  }
}

function headline({ level, check, what, fixed }: Finding): string {
  return `${fixed ? 'fixed' : level}  ${check}: ${what}`;
}

function line(label: string, text: string | undefined): string {
  return text === undefined ? '' : `  ${label}: ${text}\n`;
}
