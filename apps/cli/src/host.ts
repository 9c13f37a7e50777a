/** Where text goes; the process's own streams fit. */
export interface TextSink {
  write(text: string): unknown;
  /** Whether a person looks at it. */
  readonly isTTY?: boolean;
  /** Characters per line of the terminal. */
  readonly columns?: number;
}

/** Everything that the command line takes from the machine, so that a test can be one. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  /** What is typed or piped in. */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /** Whether Ctrl-C reaches the processes that this one starts, as it does from a terminal. */
  readonly interactive: boolean;
  /** Aborted when somebody wants this process to stop; its reason is a SoukError. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Version of Node that runs this, as in 24.1.0. */
  readonly nodeVersion: string;
  /** Folder of the installed package: above `bin` and `dist`. */
  readonly packageFolder: string;
}
