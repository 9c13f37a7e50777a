export type { Host, TextSink } from './host.ts';
export { run } from './run.ts';
