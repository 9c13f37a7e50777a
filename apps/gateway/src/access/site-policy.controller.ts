import { Body, Controller, Param, Query, Res } from '@nestjs/common';
import { routes, type BanDoc, type BanInput, type BindingDoc, type TakedownDoc, type TakedownInput } from '@souk/contracts';
import { SoukError, type Ban, type BanSubject, type KeyId, type Takedown } from '@souk/domain';
import type { FastifyReply } from 'fastify';
import { Serves } from '../serves.ts';
import { SiteFollower } from './site-follower.ts';
import { SiteWriter } from './site-writer.ts';

/** To whom names belong at this site, who is shut out, what was taken down. */
@Controller()
export class SitePolicyController {
  constructor(
    private readonly site: SiteFollower,
    private readonly writer: SiteWriter,
  ) {}

  @Serves(routes.listBindings)
  async bindings(@Query({ schema: routes.listBindings.query }) { after, limit, by }: { after?: string; limit: number; by?: 'sight' | 'policy' }): Promise<{ bindings: BindingDoc[] }> {
    const { bindings } = await this.site.fresh();
    return { bindings: [...bindings.list(after, limit, by)] as BindingDoc[] };
  }

  @Serves(routes.putBinding)
  async bind(@Param({ schema: routes.putBinding.params }) { name }: { name: BindingDoc['name'] }, @Body({ schema: routes.putBinding.body }) { publisher }: { publisher: KeyId }): Promise<BindingDoc> {
    await this.writer.write({ kind: 'bind', body: { names: [name], publisher, by: 'policy' } });
    return { name, publisher, by: 'policy' };
  }

  @Serves(routes.deleteBinding)
  async unbind(@Param({ schema: routes.deleteBinding.params }) { name }: { name: BindingDoc['name'] }): Promise<BindingDoc> {
    const held = (await this.site.fresh()).bindings.get(name);
    await this.writer.write({ kind: 'unbind', body: { name } });
    if (!held) throw new SoukError('NOT_FOUND', `${name} is bound to nobody at this site.`);
    return { name, ...held };
  }

  @Serves(routes.listBans)
  async bans(): Promise<{ bans: BanDoc[] }> {
    return { bans: (await this.site.fresh()).bans.list(Date.now()).map(banDoc) };
  }

  @Serves(routes.postBan)
  async ban(@Body({ schema: routes.postBan.body }) { subject, forSeconds, reason }: BanInput, @Res({ passthrough: true }) reply: FastifyReply): Promise<BanDoc> {
    const ban = { subject, reason, ...(forSeconds === undefined ? {} : { until: Date.now() + forSeconds * 1000 }) };
    await this.writer.write({ kind: 'ban', body: ban });
    reply.status(201);
    return banDoc(ban);
  }

  @Serves(routes.deleteBan)
  async unban(@Param({ schema: routes.deleteBan.params }) { type, id }: { type: BanSubject['type']; id: string }): Promise<BanDoc> {
    const subject = { type, id } as BanSubject;
    const ban = (await this.site.fresh()).bans.of(subject, Date.now());
    await this.writer.write({ kind: 'unban', body: { subject } });
    return banDoc(ban ?? { subject, reason: '' });
  }

  @Serves(routes.listTakedowns)
  async takedowns(): Promise<{ takedowns: TakedownDoc[] }> {
    return { takedowns: (await this.site.fresh()).takedowns.list().map(takedownDoc) };
  }

  @Serves(routes.postTakedown)
  async takedown(@Body({ schema: routes.postTakedown.body }) { subject, reason }: TakedownInput, @Res({ passthrough: true }) reply: FastifyReply): Promise<TakedownDoc> {
    const wanted = subject.type === 'version' ? { ...subject, cids: [] } : subject;
    const { state } = await this.writer.write({ kind: 'takedown', body: { subject: wanted, reason } });
    const { takedowns } = state;
    const written = subject.type === 'blob' ? takedowns.ofBlob(subject.cid) : subject.type === 'version' ? takedowns.ofVersion(subject.name, subject.version) : takedowns.ofRecord(subject.key, subject.seq);
    if (!written) throw new Error('a takedown that was written is not in the site log');
    reply.status(201);
    return takedownDoc(written);
  }
}

function banDoc({ subject, until, reason }: Ban): BanDoc {
  return { subject, reason, ...(until === undefined ? {} : { until: new Date(until).toISOString() }) };
}

function takedownDoc({ subject, reason, at }: Takedown): TakedownDoc {
  return { subject, reason, at: new Date(at).toISOString() };
}
