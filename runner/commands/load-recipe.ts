import { isAbsolute, join, resolve } from 'node:path'
import type { Catalog } from '../connector/index.ts'
import { checkRecipe, type Recipe, recipeFromBundle } from '../recipe/index.ts'
import type { RecipeBundle } from '../store/index.ts'
import type { Program } from './program.ts'
import { tellProblems } from './tell-problems.ts'

/**
 * Checks recipes with the very checks of `validate`; problems go to stderr.
 * @returns undefined when any has an error
 */
export async function loadRecipes(files: readonly string[], program: Program, catalog: Catalog): Promise<Recipe[] | undefined> {
  const recipes: Recipe[] = []
  for (const file of files) {
    const { recipe, problems, texts } = await checkRecipe(resolve(program.cwd, file), { catalog })
    tellProblems(problems, texts, program)
    if (recipe && !problems.some((problem) => problem.severity === 'error')) recipes.push(recipe)
  }
  return recipes.length === files.length ? recipes : undefined
}

/** Jobs that have begun go on with the recipe they began with, from its stored texts. */
export function storedRecipes(
  recipe: Recipe,
  load: (hash: string) => Promise<RecipeBundle | undefined>,
  catalog: Catalog,
): (hash: string) => Promise<Recipe> {
  const known = new Map<string, Promise<Recipe>>([[recipe.hash, Promise.resolve(recipe)]])
  const rebuild = async (hash: string) => {
    const bundle = await load(hash)
    if (!bundle) throw new Error(`The store has lost the recipe ${hash} that a job began with.`)
    return recipeFromBundle(bundle, { catalog, root: recipe.root })
  }
  return (hash) => {
    let promise = known.get(hash)
    if (!promise) {
      promise = rebuild(hash)
      known.set(hash, promise)
    }
    return promise
  }
}

/** Path of a recipe known to the store, below its root. */
export function recipePath(root: string, path: string): string {
  return isAbsolute(path) ? path : join(root, path)
}
