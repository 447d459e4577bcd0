import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { catalog } from '../../connectors/catalog.ts'
import { codes } from '../../runner/connector/codes.ts'
import { checkRecipe } from '../../runner/recipe/index.ts'

/**
 * Golden recipes: those in `ok` are silent; those in `err` have beside them a `.out` with one line a problem, `line:column code message`.
 * Adding a case is adding files.
 */
const folder = join(import.meta.dirname, '../recipes')
const test = suite('golden recipes')

for (const file of globSync(join(folder, 'ok/*.recipe.yaml'))) {
  test(`ok/${basename(file)}`, async () => {
    const { recipe, problems } = await checkRecipe(file, { catalog })
    assert.equal(problems, [])
    assert.ok(recipe)
  })
}

for (const file of globSync(join(folder, 'err/*.recipe.yaml'))) {
  test(`err/${basename(file)}`, async () => {
    const { recipe, problems } = await checkRecipe(file, { catalog })
    const lines = problems.map((problem) => `${problem.line}:${problem.column} ${problem.code} ${problem.message}`)
    assert.fixture(`${lines.join('\n')}\n`, readFileSync(file.replace('.recipe.yaml', '.out'), 'utf8'))
    assert.is(
      recipe === undefined,
      problems.some((problem) => problem.severity === 'error'),
    )
    for (const problem of problems) assert.ok(problem.code in codes, `${problem.code} has no text in codes.ts`)
  })
}

test.run()
