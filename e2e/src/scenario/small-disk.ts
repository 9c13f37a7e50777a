import { Child, runToEnd } from './child.ts';

/** A disk of few bytes, in a mount namespace of its own so that nobody needs to be root; whoever uses it is started by `enter`. */
export class SmallDisk {
  /** The program and words before a command that is to see the disk. */
  readonly enter: readonly string[];
  readonly #path: string;
  readonly #holder: Child;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(path: string, holder: Child, enter: readonly string[], env: Readonly<Record<string, string>>) {
    this.#path = path;
    this.#holder = holder;
    this.enter = enter;
    this.#env = env;
  }

  /** Mounts a new disk on a folder. Undefined where this user may not, not even in a namespace. */
  static async mount(path: string, megabytes: number, env: Readonly<Record<string, string>>): Promise<SmallDisk | undefined> {
    const script = `mount -t tmpfs -o size=${megabytes}m souk ${path} && echo $$ && exec sleep 3600`;
    const holder = new Child('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', script], { cwd: '/', env });
    const pid = await holder.firstLine().catch(() => undefined);
    return pid === undefined ? undefined : new SmallDisk(path, holder, ['nsenter', '--target', pid, '--user', '--mount', '--preserve-credentials', '--'], env);
  }

  /** Fills it to the last byte. */
  async fill(): Promise<void> {
    const { code } = await this.#run('cat /dev/zero > filler');
    if (code === 0) throw new Error('The disk was not filled.');
    await this.#run('i=0; while printf x > filler-$i && [ $i -lt 200 ]; do i=$((i + 1)); done');
  }

  /** Takes so many bytes of it. */
  async take(bytes: number): Promise<void> {
    const { code } = await this.#run(`head -c ${Math.floor(bytes)} /dev/zero >> filler`);
    if (code !== 0) throw new Error('The disk does not have so many bytes.');
  }

  /** Makes room again. */
  async clear(): Promise<void> {
    await this.#run('rm -f filler*');
  }

  /** Gives it another size. */
  async grow(megabytes: number): Promise<void> {
    await this.#remount(`size=${megabytes}m`);
  }

  /** Refuses every write from now on. Nobody may have a file of it open for writing: the system does not let a disk be taken from under one. */
  async readOnly(): Promise<void> {
    await this.#remount('ro');
  }

  /** Takes writes again. */
  async writable(): Promise<void> {
    await this.#remount('rw');
  }

  /** Takes it down with all that lies on it. */
  async unmount(): Promise<void> {
    await this.#holder.end('SIGKILL');
  }

  async #remount(options: string): Promise<void> {
    const { code } = await this.#run(`mount -o remount,${options} ${this.#path}`);
    if (code !== 0) throw new Error(`The disk could not be remounted with ${options}.`);
  }

  #run(script: string): Promise<{ code: number }> {
    const [program, ...words] = [...this.enter, 'sh', '-c', `cd ${this.#path} && { ${script}; } 2> /dev/null`];
    return runToEnd(program, words, { cwd: '/', env: this.#env });
  }
}
