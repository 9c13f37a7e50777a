/** How a program came to be where it is. */
export type FoundBy = 'PATH' | 'go install' | 'Debian' | 'release';

/** Built from its sources by Go, checked against Go's checksum database. */
export interface GoWay {
  readonly by: 'go install';
  /** The module, e.g. `helm.sh/helm/v4`. */
  readonly module: string;
  /** The package below it, e.g. `cmd/helm`; none for the module's top. */
  readonly package?: string;
  /** Variables that the linker sets, name -> value, e.g. the version that the program says of itself. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether its go.mod replaces modules, which `go install` refuses: then it is built in the module's own folder. */
  readonly hasReplacements?: boolean;
}

/** Debian's package, checked by apt. */
export interface DebianWay {
  readonly by: 'Debian';
  readonly packages: readonly string[];
  /**
   * Where the program lies in the package, which then is unpacked into `.tools` and changes nothing of the machine. Left out: the
   * packages are installed, because the program needs its configuration or others beside it; only root may do that.
   */
  readonly file?: string;
}

/** An archive that its makers released, checked against the list of sha-256 sums that they released with it. */
export interface ReleaseWay {
  readonly by: 'release';
  /** Address of the .tar.gz for a machine, `amd64` or `arm64`. */
  readonly archive: (machine: string) => string;
  /** Address of the list of sums: lines of sum and file name. */
  readonly sums: (machine: string) => string;
  /** The program inside. */
  readonly file: (machine: string) => string;
}

/** A program that tests need and npm does not have. */
export interface ExternalTool {
  /** The file's name. */
  readonly program: string;
  /** The version that is fetched where it can be chosen, with its `v`. */
  readonly pinned: string;
  /** Which versions on PATH or of Debian are good enough: major number -> least minor number. */
  readonly good: Readonly<Record<number, number>>;
  /** Arguments with which it says its version. */
  readonly asks: readonly string[];
  /** What that looks like; the first group is the version. Left out for one that says none: its file's name has the pinned version in it. */
  readonly says?: RegExp;
  /** How to get it, tried in this order. */
  readonly ways: readonly (GoWay | DebianWay | ReleaseWay)[];
}

/** A program that can be run, and how it came to be there. */
export interface FoundTool {
  readonly path: string;
  readonly version: string;
  readonly by: FoundBy;
}

/** Where to look, and where to put what has to be fetched. */
export interface Places {
  /** Environment of the programs that are run; its PATH is searched. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder for fetched programs; git ignores it. */
  readonly tools: string;
  /** Called before something is fetched, which takes a while. */
  readonly onFetch?: () => void;
}
