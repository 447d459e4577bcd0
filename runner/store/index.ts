export { fileKey, keyFromText } from './key.ts'
export { openStore, type StoreOptions } from './sqlite/open.ts'
export * from './store.ts'
