export * from './accounts.ts';
export * from './bans.ts';
export * from './name-bindings.ts';
export * from './site-chain.ts';
export * from './site-intent.ts';
export * from './site-state.ts';
export * from './site-token.ts';
export * from './takedowns.ts';
