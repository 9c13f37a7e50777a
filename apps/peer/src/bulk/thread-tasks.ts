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

/** Does the tasks that arrive at a port, one after the other, and answers each. */
export function serveTasks(port: MessagePort, tasks: Tasks): void {
  let last: Promise<void> = Promise.resolve();
  port.on('message', (message: TaskMessage) => {
    last = last.then(async () => port.postMessage(await answerOf(tasks, message)));
  });
}
