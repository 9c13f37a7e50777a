import { Controller } from '@nestjs/common';
import { siteMoved } from '@souk/contracts';
import { Listens } from '@souk/nest';
import { SiteFollower } from './site-follower.ts';

/** Hears that the site log has grown. */
@Controller()
export class SiteNewsController {
  constructor(private readonly site: SiteFollower) {}

  @Listens(siteMoved)
  moved(): void {
    this.site.poke();
  }
}
