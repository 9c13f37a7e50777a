export { externalProgram, findExternal, type ExternalProgram } from './external-program.ts';
