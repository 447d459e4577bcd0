import { createMultiple, deleteMultiple, updateMultiple, upsertMultiple } from './multiple.ts'
import type { Operation } from './operation.ts'
import { whoAmI } from './who-am-i.ts'

/** Every function and action of the sandbox, by name; operations of one name differ in what they are bound to. */
export const operations: readonly Operation[] = [whoAmI, createMultiple, updateMultiple, upsertMultiple, deleteMultiple]
