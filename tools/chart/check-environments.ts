import { text } from 'node:stream/consumers';
import { environmentProblems, type ContainerEnvironment } from './environment-problems.ts';

/** Reads a JSON list of containers with their environments on standard input and prints the list of what is wrong with each. */
const containers = JSON.parse(await text(process.stdin)) as readonly ContainerEnvironment[];
process.stdout.write(JSON.stringify(containers.map(environmentProblems)));
