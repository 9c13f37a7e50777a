export { SearchModule, searchConfig, type SearchConfig } from './search.module.ts';
