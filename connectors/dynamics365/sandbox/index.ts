export { commandOptions as options } from './options.ts'
export { startSandbox } from './start.ts'
