import { expect, test } from '@jest/globals';
import { SuperLedger } from './super-answers.ts';

test('what became of the answers of a super-peer is counted, with the last good one and the last bad one', () => {
  const ledger = new SuperLedger();
  expect(ledger.of('a')).toEqual({ verdicts: {}, audits: 0 });
  ledger.judged('a', 'ok', 10, 3);
  ledger.judged('a', 'ok', 20, 4);
  ledger.judged('a', 'omitted', 30);
  ledger.audited('a');
  ledger.judged('b', 'silent', 40);
  expect(ledger.of('a')).toEqual({ verdicts: { ok: 2, omitted: 1 }, audits: 1, answeredAt: 20, answerMs: 4, failedAt: 30, failedBy: 'omitted' });
  expect(ledger.of('b')).toEqual({ verdicts: { silent: 1 }, audits: 0, failedAt: 40, failedBy: 'silent' });
});

test('of more super-peers than can be remembered the one that was heard of least lately is forgotten', () => {
  const ledger = new SuperLedger();
  for (let at = 0; at < 256; at += 1) ledger.judged(`super-${at}`, 'ok', at);
  ledger.judged('super-0', 'ok', 300);
  ledger.judged('one more', 'ok', 301);
  expect(ledger.of('super-0').verdicts.ok).toBe(2);
  expect(ledger.of('super-1').verdicts).toEqual({});
});
