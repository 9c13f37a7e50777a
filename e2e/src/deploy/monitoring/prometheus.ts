import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { externalProgram } from '@souk/testing/external';
import { z } from 'zod';
import { Child } from '../../scenario/child.ts';
import { freePort } from '../../scenario/free-port.ts';
import { repository } from '../../scenario/repository.ts';
import { until } from '../../scenario/until.ts';

/** The rules that the chart ships. */
export const ruleFile = join(repository, 'helm/souk/files/slo-rules.yaml');

const Rule = z.object({ name: z.string(), type: z.enum(['recording', 'alerting']), health: z.string(), lastError: z.string().optional(), state: z.string().optional() });
const Rules = z.object({ data: z.object({ groups: z.array(z.object({ rules: z.array(Rule) })) }) });
const Values = z.object({ data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }) });
const Targets = z.object({ data: z.object({ activeTargets: z.array(z.object({ health: z.string(), lastError: z.string() })) }) });

/** A rule as Prometheus sees it. */
export type RuleState = z.infer<typeof Rule>;

/** A real Prometheus that scrapes sites every second and evaluates the rules of the chart. */
export class Prometheus {
  readonly #child: Child;
  readonly #url: string;

  private constructor(child: Child, url: string) {
    this.#child = child;
    this.#url = url;
  }

  /** Starts it in a folder. `targets`: URLs by the namespace that they are to have. */
  static async start(folder: string, targets: Readonly<Record<string, string>>): Promise<Prometheus> {
    const jobs = Object.entries(targets).map(([namespace, url]) => ({ targets: [new URL(url).host], labels: { namespace } }));
    const config = join(folder, 'prometheus.json');
    mkdirSync(folder, { recursive: true });
    // JSON is YAML.
    writeFileSync(config, JSON.stringify({ global: { scrape_interval: '1s', evaluation_interval: '1s' }, rule_files: [ruleFile], scrape_configs: [{ job_name: 'souk', static_configs: jobs }] }));
    const address = `127.0.0.1:${await freePort()}`;
    const child = new Child(externalProgram('prometheus'), [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${address}`], { cwd: folder, env: {} });
    const prometheus = new Prometheus(child, `http://${address}`);
    await until({ what: 'Prometheus', read: () => prometheus.#isReady(), isDone: (ready) => ready });
    return prometheus;
  }

  /** Every rule, and how its last evaluation went. */
  async rules(): Promise<RuleState[]> {
    return Rules.parse(await this.#get('/api/v1/rules')).data.groups.flatMap(({ rules }) => rules);
  }

  /** How each target answered last. */
  async targets(): Promise<{ health: string; lastError: string }[]> {
    return Targets.parse(await this.#get('/api/v1/targets')).data.activeTargets;
  }

  /** The values of an expression now. */
  async values(expression: string): Promise<number[]> {
    return Values.parse(await this.#get(`/api/v1/query?${new URLSearchParams({ query: expression })}`)).data.result.map(({ value }) => Number(value[1]));
  }

  /** Ends it. */
  async end(): Promise<void> {
    await this.#child.end('SIGKILL');
  }

  async #get(path: string): Promise<unknown> {
    return (await fetch(`${this.#url}${path}`)).json();
  }

  async #isReady(): Promise<boolean> {
    return fetch(`${this.#url}/-/ready`).then(({ ok }) => ok, () => false);
  }
}
