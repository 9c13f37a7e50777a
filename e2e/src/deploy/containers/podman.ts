import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { externalProgram } from '@souk/testing/external';
import { Child, runToEnd } from '../../scenario/child.ts';
import { repository } from '../../scenario/repository.ts';

const folder = join(repository, '.tools', 'containers');
const longestMs = 3_600_000;

/** Small limits that need no right beyond root's usual ones, and a runtime that works without systemd. */
const containersConf = `[containers]
default_ulimits = ["nofile=8192:8192", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_config_dir = "${join(folder, 'networks')}"
`;
const storageConf = `[storage]
driver = "overlay"
graphroot = "${join(folder, 'storage')}"
runroot = "${join(folder, 'run')}"
`;

/** podman and buildah, with images, containers and settings of their own below `.tools`, so that the machine's are left alone. Needs root. */
export class Podman {
  readonly #programs: { readonly podman: string; readonly buildah: string };
  readonly #env: Record<string, string>;

  /** Throws which program is missing, or that root is needed. */
  constructor() {
    if (process.getuid?.() !== 0) throw new Error('Containers are built and run by root here: buildah and podman without it need more than can be taken for granted.');
    externalProgram('runc');
    this.#programs = { podman: externalProgram('podman'), buildah: externalProgram('buildah') };
    for (const name of ['networks', 'storage', 'run']) mkdirSync(join(folder, name), { recursive: true });
    const [containers, storage] = [join(folder, 'containers.conf'), join(folder, 'storage.conf')];
    writeFileSync(containers, containersConf);
    writeFileSync(storage, storageConf);
    this.#env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/root', CONTAINERS_CONF: containers, CONTAINERS_STORAGE_CONF: storage };
  }

  /** Runs podman to its end and answers what it printed. Throws when it failed. */
  async run(...words: string[]): Promise<string> {
    return this.#run(this.#programs.podman, words);
  }

  /** Builds an image. `context`: the folder that is sent along. Answers the image's id. */
  async build(context: string, ...words: string[]): Promise<string> {
    // --isolation chroot needs no rights that root lacks inside of containers.
    const said = await this.#run(this.#programs.buildah, ['build', '--isolation', 'chroot', '--layers', ...words, context]);
    return said.trim().split('\n').at(-1) ?? '';
  }

  /** Whether there is an image of that name. */
  async has(image: string): Promise<boolean> {
    return (await this.#end(this.#programs.podman, ['image', 'exists', image])).code === 0;
  }

  /** Starts podman and goes on at once; `env` is what `--env NAME` passes on. */
  begin(words: readonly string[], env: Readonly<Record<string, string>>): Child {
    return new Child(this.#programs.podman, words, { cwd: folder, env: { ...this.#env, ...env } });
  }

  async #run(program: string, words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#end(program, words);
    if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${code}:\n${stdout.slice(-4000)}${stderr.slice(-4000)}`);
    return stdout;
  }

  #end(program: string, words: readonly string[]): ReturnType<typeof runToEnd> {
    return runToEnd(program, words, { cwd: folder, env: this.#env }, longestMs);
  }
}
