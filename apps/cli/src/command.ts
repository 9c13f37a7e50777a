import type { Command } from 'commander';
import type { Context } from './context.ts';

/** What a command does; a number is its exit code, nothing is 0. */
export type Work = (context: Context) => Promise<number | void>;

/** A command: declares its arguments and options, and hands its work to `start` when it is called. */
export interface CommandDefinition {
  define(command: Command, start: (work: Work) => Promise<void>): void;
}
