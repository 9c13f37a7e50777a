import type { z } from 'zod';

/** One setting of an app. */
export interface ConfigField<Schema extends z.ZodType = z.ZodType> {
  /** Name of the environment variable; Souk's own begin with `SOUK_`. */
  readonly env: string;
  /** Parses the variable's text, so numbers are `z.coerce.number()` and flags `z.stringbool()`. */
  readonly schema: Schema;
  /** Text that stands in when the variable is unset or empty. Without a default the schema decides: optional or missing. */
  readonly default?: string;
  /** One sentence for the person who sets it. */
  readonly help: string;
  /** Whether the value must never be shown. */
  readonly secret?: boolean;
}

/** The settings of an app by the names that its code uses. */
export type Config = Readonly<Record<string, ConfigField>>;

/** The parsed settings that a declaration yields. */
export type ConfigOf<C extends Config> = { readonly [Name in keyof C]: z.output<C[Name]['schema']> };

/** Declares the settings of an app, once: what the environment holds is read nowhere else. */
export function defineConfig<const C extends Config>(fields: C): C {
  return fields;
}
