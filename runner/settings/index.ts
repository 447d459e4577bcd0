export { type CheckedSettings, readSettings } from './read.ts'
export type { Settings } from './settings.ts'
