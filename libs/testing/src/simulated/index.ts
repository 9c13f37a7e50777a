export type { Link, LinkQuality } from './link.ts';
export { simulatedNetwork, SimulatedNetwork } from './simulated-network.ts';
