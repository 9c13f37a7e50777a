import { Child } from './child.ts';

/** Networks of their own, apart from the machine's: whoever is started by `enter` is in the middle, by `in` in one of the others. Nobody needs to be root. */
export class NetworkSpace {
  readonly #holder: Child;
  readonly #pid: string;

  private constructor(holder: Child, pid: string) {
    this.#holder = holder;
    this.#pid = pid;
  }

  /**
   * Makes a network in the middle, which has a loopback that multicast reaches, and others that reach the middle, and nobody else: the n-th
   * has the address 10.9.n.2, the middle 10.9.n.1 there. Undefined where this user may not.
   */
  static async open(others: readonly string[], env: Readonly<Record<string, string>>): Promise<NetworkSpace | undefined> {
    const script = [
      'mount -t tmpfs none /run && ip link set lo up && ip link set lo multicast on && ip route add 224.0.0.0/4 dev lo',
      ...others.flatMap((name, at) => [
        `ip netns add ${name} && ip link add to-${name} type veth peer name wire netns ${name}`,
        `ip addr add 10.9.${at + 1}.1/24 dev to-${name} && ip link set to-${name} up`,
        `ip netns exec ${name} sh -c "ip link set lo up && ip addr add 10.9.${at + 1}.2/24 dev wire && ip link set wire up"`,
      ]),
      'echo $$ && exec sleep 3600',
    ].join(' && ');
    const holder = new Child('unshare', ['--user', '--map-root-user', '--net', '--mount', 'sh', '-c', script], { cwd: '/', env });
    const pid = await holder.firstLine().catch(() => undefined);
    return pid === undefined || pid === '' ? undefined : new NetworkSpace(holder, pid);
  }

  /** The program and words before a command that is to run in the middle. */
  get enter(): readonly string[] {
    return ['nsenter', '--target', this.#pid, '--user', '--net', '--mount', '--preserve-credentials', '--'];
  }

  /** The program and words before a command that is to run in one of the others. */
  in(name: string): readonly string[] {
    return [...this.enter, 'ip', 'netns', 'exec', name];
  }

  /** Takes all of it down. */
  async close(): Promise<void> {
    await this.#holder.end('SIGKILL');
  }
}
