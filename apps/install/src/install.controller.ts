import { Controller } from '@nestjs/common';
import { installPackages, resolvePackages, type InstallEvent, type Resolution, type ResolutionInput } from '@souk/contracts';
import { Handles, Streams, type CallContext } from '@souk/nest';
import { Installer } from './installer.ts';
import { Resolver } from './resolver.ts';

/** The install service's messages. */
@Controller()
export class InstallController {
  constructor(
    private readonly resolver: Resolver,
    private readonly installer: Installer,
  ) {}

  @Handles(resolvePackages)
  resolve(input: ResolutionInput, { signal }: CallContext): Promise<Resolution> {
    return this.resolver.resolve(input, signal);
  }

  @Streams(installPackages)
  install(input: ResolutionInput, { signal }: CallContext): AsyncGenerator<InstallEvent> {
    return this.installer.install(input, signal);
  }
}
