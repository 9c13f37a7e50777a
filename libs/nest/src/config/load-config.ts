import { SoukError } from '@souk/domain';
import type { Config, ConfigField, ConfigOf } from './define-config.ts';
import { nearName } from './near-name.ts';

/** Variables as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One setting that cannot be used. */
export interface ConfigProblem {
  readonly env: string;
  /** What it holds, `***` for secrets; missing when it is not set. */
  readonly value?: string;
  readonly expected: string;
}

/** Names of variables that belong to other apps of the same environment, so that they are not taken for misspelt ones. */
export interface LoadOptions {
  readonly alsoKnown?: Iterable<string>;
}

/** Parses the settings of one app. Throws BAD_CONFIG that names every problem at once. */
export function loadConfig<C extends Config>(config: C, env: Environment, options?: LoadOptions): ConfigOf<C> {
  return loadConfigs({ app: config }, env, options).app;
}

/** Parses the settings of several apps that share one environment. Throws BAD_CONFIG that names every problem of all of them at once. */
export function loadConfigs<Configs extends Readonly<Record<string, Config>>>(
  configs: Configs,
  env: Environment,
  options: LoadOptions = {},
): { readonly [App in keyof Configs]: ConfigOf<Configs[App]> } {
  const problems = new Map<string, ConfigProblem>();
  const known = new Set<string>(options.alsoKnown);
  const loaded: Record<string, Record<string, unknown>> = {};
  for (const [app, config] of Object.entries(configs)) {
    const values: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(config)) {
      known.add(field.env);
      const outcome = parseField(field, env);
      if (outcome.problem) problems.set(`${field.env} ${outcome.problem.expected}`, outcome.problem);
      else values[name] = outcome.value;
    }
    loaded[app] = values;
  }
  for (const problem of misspelt(env, known)) problems.set(problem.env, problem);
  if (problems.size > 0) throw badConfig([...problems.values()]);
  return loaded as { readonly [App in keyof Configs]: ConfigOf<Configs[App]> };
}

function parseField(field: ConfigField, env: Environment): { value?: unknown; problem?: ConfigProblem } {
  const given = env[field.env] === '' ? undefined : env[field.env];
  const parsed = field.schema.safeParse(given ?? field.default);
  if (parsed.success) return { value: parsed.data };
  const expected = parsed.error.issues.map((issue) => issue.message).join('; ');
  if (given === undefined) return { problem: { env: field.env, expected: `it is not set and has no default. ${field.help}` } };
  return { problem: { env: field.env, value: field.secret ? '***' : given, expected } };
}

/** Unset names that look like a known one are mistakes; other SOUK_ variables may belong to somebody else. */
function misspelt(env: Environment, known: ReadonlySet<string>): ConfigProblem[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('SOUK_') && !known.has(name))
    .flatMap((name) => {
      const near = nearName(name, known);
      return near ? [{ env: name, expected: `there is no such setting. Did you mean ${near}?` }] : [];
    });
}

function badConfig(problems: readonly ConfigProblem[]): SoukError {
  const lines = problems.map(({ env, value, expected }) => `  ${env}${value === undefined ? '' : `=${JSON.stringify(value)}`}: ${expected}`);
  const count = problems.length === 1 ? 'One setting' : `${problems.length} settings`;
  return new SoukError('BAD_CONFIG', `${count} cannot be used:\n${lines.join('\n')}`, {
    hint: 'Correct these environment variables and start again.',
    details: { problems: [...problems] },
  });
}
