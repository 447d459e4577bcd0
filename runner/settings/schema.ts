import { OneOf, Type } from '../connector/index.ts'
import { duration } from '../recipe/schema.ts'

const text = (title: string, description: string, ...examples: string[]) => Type.String({ minLength: 1, title, description, examples })

const secretPlace = Type.Union([
  OneOf(['env', 'dotenv']),
  Type.Object(
    {
      folder: text(
        'Folder',
        'A folder with one file per secret, as Docker and Kubernetes mount them; a line feed at the end of a file is cut.',
        '/run/secrets',
      ),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      exec: Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        title: 'Program',
        description:
          'A program that prints a secret, with its arguments; run without a shell, once per secret, for at most 30 s. `{name}` becomes the name, which else is the last argument.',
        examples: [['vault', 'kv', 'get', '-field=value', 'secret/runner/{name}']],
      }),
    },
    { additionalProperties: false },
  ),
])

/**
 * `runner.yaml`, declared once: its check, the editor schema and the reference page follow from it. `npm run generate` writes it to `schema.json`,
 * which is what runs, so that no command loads TypeBox.
 */
export const settings = Type.Object(
  {
    secrets: Type.Optional(
      Type.Array(secretPlace, {
        minItems: 1,
        title: 'Secrets',
        description:
          'Where `secrets.NAME` is looked up, in this order. `env`: environment variables. `dotenv`: lines `NAME=value` of the file `.env` beside `runner.yaml`. Default: `env`, then `dotenv`.',
        examples: [['env', { folder: '/run/secrets' }, { exec: ['vault', 'kv', 'get', '-field=value', 'secret/runner/{name}'] }]],
      }),
    ),
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
