import type { Config, ConfigField } from './define-config.ts';

/** A markdown table of the settings, for documentation and `--help`. */
export function describeConfig(config: Config): string {
  const rows = Object.values(config).map((field) => `| \`${field.env}\` | ${cell(defaultOf(field))} | ${cell(field.help)} |`);
  return ['| variable | default | meaning |', '|---|---|---|', ...rows, ''].join('\n');
}

function defaultOf(field: ConfigField): string {
  if (field.default !== undefined) return field.secret ? '***' : `\`${field.default}\``;
  return field.schema.safeParse(undefined).success ? '-' : 'required';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
