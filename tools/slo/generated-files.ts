import { dashboard } from './dashboard.ts';
import { ruleFile } from './rule-file.ts';
import { sloPage } from './slo-page.ts';

/** What is written from the objectives: path from the top of the repository -> text. */
export const generatedFiles: Readonly<Record<string, () => string>> = {
  'helm/souk/files/slo-rules.yaml': ruleFile,
  'helm/souk/files/dashboard.json': dashboard,
  'docs/slo.md': sloPage,
};
