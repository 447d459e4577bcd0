import { OneOf, Type } from '../connector/index.ts'
import { duration } from '../recipe/schema.ts'

/**
 * `runner.yaml`, declared once: its check, the editor schema and the reference page follow from it. `npm run generate` writes it to `schema.json`,
 * which is what runs, so that no command loads TypeBox.
 */
export const settings = Type.Object(
  {
    store: Type.Optional(
      Type.Object(
        {
          key: Type.Optional(
            OneOf(['file', 'keyring'], {
              default: 'file',
              title: 'Key',
              description:
                "Where the store's key is kept when `RUNNER_KEY` is not set. `file`: in the configuration folder of the user. `keyring`: in the keyring of the system (Linux: `secret-tool`, macOS: `security`).",
              examples: ['keyring'],
            }),
          ),
        },
        { additionalProperties: false, title: 'Store', description: 'Where state is kept.', examples: [{ key: 'keyring' }] },
      ),
    ),
    warn_before: Type.Optional(
      duration(
        'Warn before',
        'How long before a sign-in, a client secret or a certificate ends each run warns of it. Default 14d.',
        '14d',
        '36h',
      ),
    ),
  },
  { additionalProperties: false, title: 'Settings', description: 'What all recipes below the root share.' },
)
