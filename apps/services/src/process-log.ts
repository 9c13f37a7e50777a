import { styleText } from 'node:util';
import { createLog, logLevels, type Log, type LogLevel } from '@souk/nest';
import { prettyFactory } from 'pino-pretty';

/** Which process wrote a line. */
export interface Origin {
  readonly service: string;
  /** Which of several processes of that service. */
  readonly replica: number;
}

/** How the one log of all processes is written. */
export interface ProcessLogOptions {
  readonly write: (text: string) => void;
  /** `json`: one object per line. `text`: for people, `color` where their terminal has some. */
  readonly format: 'json' | 'text' | 'color';
  /** Least urgent level that is written. */
  readonly level: LogLevel;
  /** Characters that a process's name takes in text, so that lines stand below one another. */
  readonly width: number;
  /** Whether the names of processes say which replica they are. */
  readonly isNumbered: boolean;
}

const colors = ['cyan', 'magenta', 'green', 'yellow', 'blue', 'cyanBright', 'magentaBright', 'greenBright', 'yellowBright', 'blueBright'] as const;
const hidden = 'service,replica';

/** The one log of a site's processes: every line says which of them wrote it. Lines that are no JSON are taken for warnings. */
export class ProcessLog {
  readonly #options: ProcessLogOptions;
  readonly #render: (line: object) => string;
  readonly #colors = new Map<string, (typeof colors)[number]>();

  constructor(options: ProcessLogOptions) {
    this.#options = options;
    this.#render = prettyFactory({ colorize: options.format === 'color', translateTime: 'SYS:HH:MM:ss.l', ignore: hidden, singleLine: true, errorLikeObjectKeys: ['error'] }) as (line: object) => string;
  }

  /** Takes one line that a process wrote. */
  take(origin: Origin, line: string): void {
    if (line.trim() === '') return;
    this.#put(origin, factsIn(line) ?? { level: 'warn', time: new Date().toISOString(), msg: line });
  }

  /** A log whose lines come from a process, for what is said about it. */
  of(origin: Origin): Log {
    return createLog({ level: this.#options.level, destination: { write: (line) => this.take(origin, line) } });
  }

  /** Takes what a process said that is no JSON line of its own. */
  say(origin: Origin, level: Exclude<LogLevel, 'silent'>, msg: string): void {
    if (logLevels.indexOf(level) >= logLevels.indexOf(this.#options.level)) this.#put(origin, { level, time: new Date().toISOString(), msg });
  }

  #put(origin: Origin, facts: object): void {
    const { write, format } = this.#options;
    if (format === 'json') return write(`${JSON.stringify({ ...facts, ...origin })}\n`);
    const prefix = this.#prefix(origin);
    const lines = this.#render(facts).trimEnd().split('\n');
    write(lines.map((line) => `${prefix} ${line}\n`).join(''));
  }

  #prefix({ service, replica }: Origin): string {
    const { format, width, isNumbered } = this.#options;
    const name = isNumbered ? `${service}/${replica}` : service;
    const padded = name.padEnd(width);
    if (format !== 'color') return padded;
    const color = this.#colors.get(name) ?? colors[this.#colors.size % colors.length] ?? 'cyan';
    this.#colors.set(name, color);
    return styleText(color, padded, { validateStream: false });
  }
}

function factsIn(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'level' in value ? value : undefined;
  } catch {
    return undefined;
  }
}
