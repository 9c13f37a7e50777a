export * from './address-group.ts';
export * from './apart.ts';
export * from './cid-set.ts';
export * from './lease.ts';
export * from './lease-repair.ts';
export * from './own-lease.ts';
export * from './provider-index.ts';
export * from './rate-quota.ts';
