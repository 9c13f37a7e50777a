import { rmSync } from 'node:fs';

/** After the last journey: removes what was packed before the first. */
export default function removePackedSouk() {
  rmSync(process.env.SOUK_E2E_PACKED, { recursive: true, force: true });
}
