import { alertCases } from './alert-cases.ts';
import { alertTests } from './alert-tests.ts';

/** `node print-alert-tests.ts RULES` prints the test files of promtool for a file of rules, as JSON: step -> text. */
const [rules = ''] = process.argv.slice(2);
process.stdout.write(JSON.stringify({ '1m': alertTests(rules, alertCases, '1m'), '10m': alertTests(rules, alertCases, '10m') }));
