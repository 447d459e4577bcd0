import { resolve } from 'node:path'
import { defineConnection, Type } from '../../runner/connector/index.ts'
import { insideFolder } from './inside-folder.ts'

export interface FilesClient {
  /**
   * Absolute path of a file named in a recipe, with links followed; the file itself need not exist.
   * @throws ConnectorError `path_outside_folder`
   */
  locate(path: string): Promise<string>
}

export const files = defineConnection({
  name: 'files',
  title: 'Files',
  description:
    'Rows of CSV and JSON Lines files in one folder of this machine. Needs no sign-in; without a connection block the folder is that of the recipe.',
  settings: Type.Object(
    {
      folder: Type.Optional(
        Type.String({
          title: 'Folder',
          minLength: 1,
          default: '.',
          description:
            'Folder that holds the files; no operation reads or writes outside it, not even through links. Relative to the file the connection block stands in, which is also the default.',
          examples: ['./data', '/var/lib/exchange'],
        }),
      ),
    },
    { additionalProperties: false },
  ),
  open({ settings, folder }): FilesClient {
    const root = resolve(folder, settings.folder ?? '.')
    return { locate: (path) => insideFolder(root, path) }
  },
})

export default files
