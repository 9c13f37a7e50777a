import { Child, runToEnd, type Ended } from './child.ts';
import { programs } from './repository.ts';
import type { Site } from './site.ts';

/** How a command ended, with what it printed. */
export interface Said extends Ended {
  /** The one JSON value on standard output; undefined without `--json` and when there is none. */
  readonly json?: unknown;
}

/** Where a person works. */
export interface PersonPlace {
  /** SOUK_HOME: keys, logs, downloads. */
  readonly home: string;
  /** Folder in which commands run: the person's project. */
  readonly project: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Somebody with keys and a project, who uses the command line as it was built. */
export class Person {
  readonly home: string;
  readonly project: string;
  readonly #place: PersonPlace;
  #site: Site | string | undefined;
  #enter: readonly string[] = [];
  readonly #env: Record<string, string> = {};

  constructor(place: PersonPlace) {
    this.home = place.home;
    this.project = place.project;
    this.#place = place;
  }

  /** Talks to a site, at whichever of its gateways comes next, or to whatever answers at an address, from now on. */
  at(site: Site | string): this {
    this.#site = site;
    return this;
  }

  /** Sets variables of the environment of every command from now on. */
  with(env: Readonly<Record<string, string>>): this {
    Object.assign(this.#env, env);
    return this;
  }

  /** Runs every command by another program from now on, as in `nsenter ... node souk`. */
  inside(enter: readonly string[]): this {
    this.#enter = enter;
    return this;
  }

  /** Runs `souk` with `--json`. */
  async souk(...words: string[]): Promise<Said> {
    const ended = await runToEnd(...this.#command([...words, '--json']), this.#surroundings);
    return { ...ended, json: oneJson(ended.stdout) };
  }

  /** Runs `souk` with `--json`, which must succeed: throws what it printed when it does not. */
  async does(...words: string[]): Promise<unknown> {
    const { code, stdout, stderr, json } = await this.souk(...words);
    if (code !== 0) throw new Error(`souk ${words.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    return json;
  }

  /** Runs `souk` as a person at a terminal would, for the text that it prints. */
  text(...words: string[]): Promise<Said> {
    return runToEnd(...this.#command(words), this.#surroundings);
  }

  /** Starts `souk` and goes on at once. */
  begins(...words: string[]): Child {
    return new Child(...this.#command([...words, '--json']), this.#surroundings);
  }

  #command(words: readonly string[]): [program: string, words: string[]] {
    const command = [process.execPath, programs.souk, ...words];
    const [program, ...rest] = this.#enter;
    // Who enters another namespace is at its root at first.
    return program === undefined ? [process.execPath, command.slice(1)] : [program, [...rest, 'env', `--chdir=${this.project}`, ...command]];
  }

  get #surroundings(): { cwd: string; env: Record<string, string> } {
    const { url, token } = typeof this.#site === 'object' ? this.#site : { url: this.#site, token: undefined };
    return { cwd: this.project, env: { ...this.#place.env, ...this.#env, SOUK_HOME: this.home, ...(url === undefined ? {} : { SOUK_SITE: url }), ...(token === undefined ? {} : { SOUK_TOKEN: token }) } };
  }
}

/** The value on the one line of an output; undefined when there are more or none. */
function oneJson(stdout: string): unknown {
  const [line = '', ...rest] = stdout.split('\n');
  try {
    return rest.join('') === '' ? JSON.parse(line) : undefined;
  } catch {
    return undefined;
  }
}
