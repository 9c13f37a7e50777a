/** What one project may import beside its own files. */
export interface ImportRow {
  /** Folder from the top of the repository, e.g. `libs/store`. */
  readonly folder: string;
  /** Doors of this workspace's projects: `store` is @souk/store, `gateway/module` a service's second door, `testing/*` each of several. */
  readonly souk: readonly string[];
  /** npm packages: the only ones (`only`), or all except some (`not`). A trailing `/*` means every package of that scope. */
  readonly npm: { readonly only: readonly string[] } | { readonly not: readonly string[] };
  /** Node's own modules: all of them or the listed ones. */
  readonly node: 'all' | readonly string[];
  /** Whether all it imports is bundled into what is published, so that its package.json declares everything under `devDependencies`. */
  readonly bundled?: boolean;
  /** What the lint says to whoever imports something else: the way that is open. */
  readonly instead: string;
}

/** Packages that only libs/p2p and libs/testing may import. */
export const libp2p = ['libp2p', '@libp2p/*', '@chainsafe/*', '@multiformats/*'] as const;
/** Packages that only libs/nest, the services and the site may import. */
export const nestjs = ['@nestjs/*'] as const;
/** Packages that only libs/nest may import, and libs/testing, where the raw client is a baseline. */
export const nats = ['@nats-io/*', 'nats'] as const;
/** Packages that only libs/archive may import, beside the suites that build hostile archives. */
export const tarball = ['tar', 'tar-stream', 'npm-packlist'] as const;
/** What specs may import beside what their project may. */
export const forSpecs = ['@jest/globals', '@nestjs/testing'] as const;

/** The doors of libs/testing, open to every spec, to bench and to e2e. */
export const suites = ['testing', 'testing/*'] as const;

const kernel = ['domain', 'contracts'];
const services = ['gateway', 'install', 'peer', 'reputation', 'search'];

const service = {
  souk: [...kernel, 'archive', 'store', 'nest'],
  npm: { not: [...libp2p, ...nats, ...tarball] },
  node: 'all',
  instead:
    'A service imports @souk/domain, contracts, archive, store and nest. It reaches other services by a contract and the rpc client of @souk/nest; ' +
    'libp2p is behind @souk/p2p (apps/peer only), tar behind @souk/archive.',
} as const;

/** The import table of docs/architecture.md as data. The lint rules are written from it; manifests, imports and the Nx graph are compared with it. */
export const importTable: readonly ImportRow[] = [
  {
    folder: 'libs/domain',
    souk: [],
    npm: { only: ['zod', 'semver', 'multiformats', '@ipld/dag-cbor', '@streamparser/json'] },
    node: ['node:crypto'],
    instead:
      'libs/domain is pure: zod, semver, multiformats, @ipld/dag-cbor, @streamparser/json and node:crypto only. I/O goes behind a port of libs/domain/src/ports, ' +
      'its adapter into libs/store, libs/archive or libs/p2p.',
  },
  {
    folder: 'libs/contracts',
    souk: ['domain'],
    npm: { only: ['zod'] },
    node: [],
    instead: 'libs/contracts holds schemas: it imports @souk/domain and zod. Code that does something belongs to the project that uses the contract.',
  },
  {
    folder: 'libs/archive',
    souk: kernel,
    npm: { only: ['tar', 'npm-packlist', '@ipld/car', 'multiformats'] },
    node: 'all',
    instead: 'libs/archive imports @souk/domain, @souk/contracts, tar, npm-packlist and @ipld/car. It takes and gives bytes; an app joins it with a store.',
  },
  {
    folder: 'libs/store',
    souk: kernel,
    npm: { only: [] },
    node: 'all',
    instead: 'libs/store imports @souk/domain, @souk/contracts and Node (node:sqlite, node:fs). What else it needs comes in through a port of @souk/domain.',
  },
  {
    folder: 'libs/p2p',
    souk: kernel,
    npm: {
      only: [
        'libp2p',
        '@libp2p/*',
        '@multiformats/*',
        'multiformats',
        'it-length-prefixed',
        'it-protobuf-stream',
        'uint8arraylist',
        'uint8arrays',
        '@opentelemetry/api',
      ],
    },
    node: 'all',
    instead: 'libs/p2p imports @souk/domain, @souk/contracts, the libp2p family and the OpenTelemetry API. Logs and blobs come in through ports of @souk/domain.',
  },
  {
    folder: 'libs/nest',
    souk: kernel,
    npm: {
      only: [
        '@nestjs/*',
        '@nats-io/*',
        'fastify',
        '@fastify/*',
        '@opentelemetry/*',
        'p-retry',
        'pino',
        'prom-client',
        'reflect-metadata',
        'rxjs',
        'zod',
      ],
    },
    node: 'all',
    instead: 'libs/nest imports @souk/domain, @souk/contracts, Nest, NATS, OpenTelemetry and the logger. What needs a store or a peer is wired by an app.',
  },
  {
    folder: 'libs/testing',
    souk: [...kernel, 'archive', 'store', 'p2p'],
    npm: { not: [...nestjs] },
    node: 'all',
    instead: 'libs/testing imports every lib but @souk/nest, and no app. Suites about Nest code lie beside it in libs/nest.',
  },
  {
    ...service,
    folder: 'apps/peer',
    souk: [...service.souk, 'p2p'],
    instead:
      'apps/peer imports @souk/domain, contracts, archive, store, nest and p2p. libp2p itself is used in libs/p2p, tar in libs/archive; ' +
      'other services are reached by a contract and the rpc client of @souk/nest.',
  },
  { ...service, folder: 'apps/search' },
  { ...service, folder: 'apps/install' },
  { ...service, folder: 'apps/reputation' },
  { ...service, folder: 'apps/gateway' },
  {
    folder: 'apps/cli',
    bundled: true,
    souk: [...kernel, 'archive', 'store'],
    npm: { not: [...libp2p, ...nestjs, ...nats, ...tarball] },
    node: 'all',
    instead: 'apps/cli imports @souk/domain, contracts, archive and store. It talks HTTP to a gateway; `souk up` starts the site as a process.',
  },
  {
    folder: 'apps/site',
    souk: [...kernel, 'archive', 'store', 'p2p', 'nest', ...services.map((name) => `${name}/module`)],
    npm: { not: [...libp2p, ...nats, ...tarball] },
    node: 'all',
    instead: 'apps/site imports the libs and one door of each service: write @souk/<service>/module.',
  },
  {
    folder: 'apps/services',
    souk: [...kernel, 'nest', ...services.map((name) => `${name}/config`)],
    npm: { not: [...libp2p, ...nestjs, ...nats, ...tarball] },
    node: 'all',
    instead: 'apps/services imports @souk/domain, contracts, nest and the settings of each service: write @souk/<service>/config. It starts services as processes.',
  },
  {
    folder: 'apps/bench',
    souk: [...kernel, 'archive', 'store', 'p2p', 'nest', ...suites],
    npm: { not: [...libp2p, ...nestjs, ...nats, ...tarball] },
    node: 'all',
    instead: 'apps/bench imports libs and starts apps as processes. A baseline on raw libp2p or on the raw NATS client lies in libs/testing.',
  },
  {
    folder: 'e2e',
    souk: [...kernel, 'archive', 'store', 'p2p', 'nest', ...suites],
    npm: { not: [...libp2p, ...nestjs, ...nats] },
    node: 'all',
    instead: 'e2e imports libs and starts apps as processes.',
  },
];

/** The name of the package in a specifier: `multiformats/cid` -> `multiformats`, `@libp2p/tcp/x` -> `@libp2p/tcp`. */
export const packageName = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

const isOneOf = (name: string, family: readonly string[]): boolean =>
  family.some((entry) => (entry.endsWith('/*') ? name.startsWith(entry.slice(0, -1)) : name === entry));

const isOpen = (door: string, doors: readonly string[]): boolean =>
  doors.some((open) => (open.endsWith('/*') ? door.startsWith(open.slice(0, -1)) && door.split('/').length === 2 : door === open));

/**
 * Whether the table lets a file import a specifier that is not relative.
 * @param row the row of the file's project
 * @param specifier as written in the import, e.g. `@souk/domain`, `node:fs`, `multiformats/cid`
 * @param inSpec whether the file is a spec: specs may also import test tools, libs/testing and all of Node
 */
export function mayImport(row: ImportRow, specifier: string, inSpec: boolean): boolean {
  if (specifier.startsWith('node:')) return inSpec || row.node === 'all' || row.node.includes(specifier);
  if (specifier.startsWith('@souk/')) {
    const door = specifier.slice('@souk/'.length);
    return isOpen(door, row.souk) || (inSpec && isOpen(door, suites));
  }
  const name = packageName(specifier);
  if (inSpec && isOneOf(name, forSpecs)) return true;
  return 'only' in row.npm ? isOneOf(name, row.npm.only) : !isOneOf(name, row.npm.not);
}
