import { markdown } from '../runner/recipe/editor-field.ts'
import { draft, editorSchema, type Skeleton } from '../runner/recipe/editor-schema.ts'
import * as declared from '../runner/recipe/schema.ts'
import { settings } from '../runner/settings/schema.ts'
import { catalogSource } from './catalog-source.ts'
import { plainSchema } from './plain.ts'
import { referencePage, settingsPage } from './reference.ts'
import { scanConnectors } from './scan.ts'
import { signInPage } from './sign-in-page.ts'

export interface Generated {
  /** Text by path below the project's root. */
  files: Map<string, string>
  /** What had to be left out, with the reason. */
  failures: string[]
}

/** @param connectors absolute path of the folder of connectors */
export async function generatedFiles(connectors: string): Promise<Generated> {
  const scan = await scanConnectors(connectors)
  const skeleton = plainSchema(declared)
  const editor = editorSchema(scan.connectors, skeleton as Skeleton)
  const files = new Map([
    ['connectors/catalog.json', json(scan.connectors)],
    ['connectors/catalog.ts', catalogSource(scan)],
    ['runner/recipe/skeleton.json', json(skeleton)],
    ['runner/settings/schema.json', json(plainSchema(settings))],
    ['schemas/recipe.schema.json', json(editor.recipe)],
    ['schemas/connection.schema.json', json(editor.connection)],
    ['schemas/runner.schema.json', json({ $schema: draft, ...markdown(plainSchema(settings)) })],
    ['docs/reference/runner-yaml.md', settingsPage(plainSchema(settings))],
    ['docs/reference/sign-in.md', signInPage()],
    ...Object.values(scan.connectors).map((connector): [string, string] => [
      `docs/reference/${connector.name}.md`,
      referencePage(connector),
    ]),
  ])
  // Imported late: the page is made of the connector's own code.
  if (scan.connectors.dynamics365?.sandbox) {
    files.set('docs/reference/sandbox.md', (await import('./sandbox-page.ts')).sandboxPage())
    const { scenarioSchema } = await import('../connectors/dynamics365/sandbox/scenario/schema.ts')
    files.set('schemas/scenario.schema.json', json(plainSchema(scenarioSchema)))
  }
  return { files, failures: scan.failures }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
