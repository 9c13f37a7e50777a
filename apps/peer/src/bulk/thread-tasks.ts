import { getPriority, setPriority } from 'node:os';
import type { MessagePort } from 'node:worker_threads';
import { isSoukError, toErrorBody, type ErrorBody } from '@souk/domain';

/** A task for a thread, as it crosses to it. */
export interface TaskMessage {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

/** How a task ended, as it crosses back. `bug` is the stack of what was no SoukError, for the log of the other side. */
export type TaskAnswer = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: ErrorBody; readonly bug?: string };

/** What a thread can do: by name, values in and out that can be cloned. */
export type Tasks = Readonly<Record<string, (input: unknown) => Promise<unknown>>>;

/** How much nicer a thread that does tasks is: the event loop, which somebody may be waiting for, goes first where cores are few. */
const nicer = 5;

function takeSecondPlace(): void {
  // Only on Linux is a priority the calling thread's (setpriority(2)); elsewhere the event loop would lose its own.
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, Math.min(getPriority(0) + nicer, 19));
  } catch {
    // A sandbox may refuse the call; the work is the same without it.
  }
}

async function answerOf(tasks: Tasks, { id, name, input }: TaskMessage): Promise<TaskAnswer> {
  try {
    const task = tasks[name];
    if (!task) throw new Error(`there is no task ${name}`);
    return { id, value: await task(input) };
  } catch (error) {
    const bug = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { id, error: toErrorBody(error), ...(isSoukError(error) ? {} : { bug }) };
  }
}

/** Does the tasks that arrive at a port of this thread, one after the other, and answers each. The thread takes second place to others of its process. */
export function serveTasks(port: MessagePort, tasks: Tasks): void {
  takeSecondPlace();
  let last: Promise<void> = Promise.resolve();
  port.on('message', (message: TaskMessage) => {
    last = last.then(async () => port.postMessage(await answerOf(tasks, message)));
  });
}
