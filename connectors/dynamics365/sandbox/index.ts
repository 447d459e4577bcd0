export { startSandbox } from './start.ts'
