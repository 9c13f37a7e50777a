import { isSoukError } from '@souk/domain';
import { loadConfigs } from '@souk/nest';
import { declared } from './chart-settings.ts';

/** A container of the rendered chart with the environment that it would have. */
export interface ContainerEnvironment {
  readonly container: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Variables that only others refer to, as `$(POD_NAME)`. */
const referredTo = new Set(['POD_NAME', 'HOST_IP']);

/** What a container's program makes up itself where it was not told, as a site in one process does with its secret. */
const madeUp: Readonly<Record<string, Readonly<Record<string, string>>>> = { 'super-peer': { SOUK_SITE_SECRET: 'made-up-by-the-site' } };

/** What is wrong with the environment of a container: variables that nobody declared, and what its service would refuse to start with. */
export function environmentProblems({ container, env }: ContainerEnvironment): string[] {
  const configs = declared[container];
  if (!configs) return [`nobody declared what ${container} may be told`];
  const names = new Set(configs.flatMap((config) => Object.values(config).map((field) => field.env)));
  const strange = Object.keys(env).filter((name) => !names.has(name) && !referredTo.has(name));
  return [...strange.map((name) => `${container} has no setting ${name}`), ...refusals(configs, { ...madeUp[container], ...env })];
}

function refusals(configs: NonNullable<(typeof declared)[string]>, env: Readonly<Record<string, string>>): string[] {
  try {
    loadConfigs(Object.fromEntries(configs.map((config, index) => [String(index), config])), env);
    return [];
  } catch (error) {
    if (!isSoukError(error)) throw error;
    return [error.message];
  }
}
