export { type Checked, type CheckPorts, checkConnectionFile, checkRecipe, recipeFromBundle } from './check.ts'
export { formatProblem, type Problem } from './problem.ts'
export type { ActionStep, ConnectionBlock, ForEachStep, IfStep, Recipe, RetryPolicy, Step, TriggerBlock } from './recipe.ts'
export { findRoot, recipeId } from './root.ts'
