import { SoukError } from '@souk/domain';

/** One thing that is wrong with an input. */
export interface Problem {
  /** Where it is, as a dotted path; empty for the input as a whole. */
  readonly path: string;
  /** What was expected there. */
  readonly message: string;
}

/** An issue as every Standard Schema library reports it. */
interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

const mostProblems = 20;

/** The problems of a failed validation, at most 20 of them. */
export function problemsOf(issues: readonly SchemaIssue[]): Problem[] {
  return issues.slice(0, mostProblems).map((issue) => ({ path: pathOf(issue), message: issue.message }));
}

/** BAD_REQUEST for an input that its schema refuses, with `details.problems`. */
export function badRequest(what: string, issues: readonly SchemaIssue[]): SoukError {
  const problems = problemsOf(issues);
  return new SoukError('BAD_REQUEST', `${what} is not valid: ${sentenceOf(problems)}`, { details: { problems } });
}

/** The problems as one line. */
export function sentenceOf(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
}

function pathOf(issue: SchemaIssue): string {
  return (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
}
