import { Controller } from '@nestjs/common';
import { appendRecords, type AppendInput, type AppendOutput } from '@souk/contracts';
import { Handles } from '@souk/nest';
import { Appender } from './appender.ts';

/** Records of this site's publishers come in. */
@Controller()
export class AppendController {
  constructor(private readonly appender: Appender) {}

  @Handles(appendRecords)
  append(input: AppendInput): Promise<AppendOutput> {
    return this.appender.append(input);
  }
}
