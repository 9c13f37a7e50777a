import { Controller } from '@nestjs/common';
import { appendRecords, type AppendInput, type AppendOutput } from '@souk/contracts';
import { Handles } from '@souk/nest';
import { AppendDoor } from './append-door.ts';

/** Records of this site's publishers come in. */
@Controller()
export class AppendController {
  constructor(private readonly door: AppendDoor) {}

  @Handles(appendRecords)
  append(input: AppendInput): Promise<AppendOutput> {
    return this.door.append(input);
  }
}
