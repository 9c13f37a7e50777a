import { hintStoreConformance, suiteHintLimits } from '@souk/testing/conformance';
import { HotHints } from './hot-hints.ts';

hintStoreConformance('HotHints', async () => ({ store: new HotHints(suiteHintLimits), cleanup: async () => undefined }));
