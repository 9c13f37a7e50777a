import { Injectable } from '@nestjs/common';

/** Which service this is. */
@Injectable()
export class ServiceContext {
  /** The service's name, as in the subjects that it serves. */
  readonly name: string;
  /** Which of several peers this is; 0 for the primary, and for services that are not peers. */
  readonly ordinal: number;
  /** Aborts when the service begins to stop: what runs in the background ends with it. */
  readonly stopping: AbortSignal;

  constructor(name: string, ordinal: number, stopping: AbortSignal) {
    this.name = name;
    this.ordinal = ordinal;
    this.stopping = stopping;
  }
}
