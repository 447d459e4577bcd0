import { OneOf, Type } from '../connector/index.ts'

/**
 * The skeleton of a recipe, declared once: editor schemas, the checks and the reference page follow from it. `npm run generate` writes it to `skeleton.json`,
 * which is what runs, so that no command loads TypeBox to validate.
 */
export const duration = (title: string, description: string, ...examples: string[]) =>
  Type.String({ pattern: '^(\\d+(ms|s|m|h|d))+$|^P(?=.)(\\d+D)?(T(?=\\d)(\\d+H)?(\\d+M)?(\\d+S)?)?$', title, description, examples })

const name = '^[a-z_][a-z0-9_]*$'
const condition = (description: string) =>
  Type.String({ title: 'Condition', description, pattern: '\\$\\{\\{', examples: ['${{ trigger.statecode == 0 }}'] })
const steps = (description: string) => Type.Array(Type.Unsafe<unknown>({ $ref: '#/definitions/step' }), { title: 'Steps', description })

export const retry = Type.Object(
  {
    attempts: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, default: 5, title: 'Attempts', description: 'Tries in all, the first one included.' }),
    ),
    delay: Type.Optional(
      duration('Delay', 'Wait before the second try; doubles with each further one, with full jitter. Default 2s.', '2s'),
    ),
    max_delay: Type.Optional(duration('Longest delay', 'No wait is longer. Default 1m.', '1m')),
  },
  {
    additionalProperties: false,
    title: 'Retry',
    description: 'How often a step that failed for a passing reason is tried again. What may have had its effect is never simply repeated.',
  },
)

const connectionRef = Type.String({
  title: 'Connection',
  description: 'Name of a connection of this recipe; needed only where several have the same connector.',
  examples: ['erp'],
})

export const trigger = Type.Object(
  {
    type: Type.String({
      title: 'Trigger',
      description: 'What starts jobs: an operation named `connector.operation`.',
      examples: ['dynamics365.record_changed', 'files.rows'],
    }),
    with: Type.Optional(Type.Object({}, { title: 'Settings', description: "The trigger's own settings." })),
    connection: Type.Optional(connectionRef),
    if: Type.Optional(condition('No job when false; such events are counted as skipped.')),
    every: Type.Optional(
      duration(
        'Every',
        'Time between polls of `runner run --watch`, default 5m. Without `--watch`, whoever calls `runner run` decides.',
        '5m',
      ),
    ),
    schedule: Type.Optional(
      Type.String({
        title: 'Schedule',
        description: 'Cron expression of five or six fields for `runner run --watch`, instead of `every`.',
        examples: ['*/5 6-20 * * 1-5'],
      }),
    ),
    timezone: Type.Optional(
      Type.String({ title: 'Time zone', description: 'IANA time zone of `schedule`; default UTC.', examples: ['Europe/Berlin'] }),
    ),
    since: Type.Optional(
      OneOf(['now', 'beginning'], {
        title: 'Since',
        description: 'Where a first poll begins. `now` makes no jobs of what is there already.',
      }),
    ),
    batch: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        title: 'Batch',
        description: 'Jobs of up to so many events, read as `batch.records`.',
        examples: [500],
      }),
    ),
  },
  { additionalProperties: false, title: 'Trigger', description: 'What starts jobs.' },
)

const stepHead = {
  id: Type.Optional(
    Type.String({
      pattern: name,
      title: 'Id',
      description: 'Name under which later steps read the result: `steps.<id>`. Keeps its place when the recipe is mended.',
      examples: ['account'],
    }),
  ),
}

export const actionStep = Type.Object(
  {
    ...stepHead,
    action: Type.String({
      title: 'Action',
      description: 'An operation named `connector.operation`.',
      examples: ['dynamics365.create_record', 'files.append'],
    }),
    if: Type.Optional(condition('Guard: the step is skipped when false.')),
    with: Type.Optional(Type.Object({}, { title: 'Input', description: "The action's own input." })),
    connection: Type.Optional(connectionRef),
    retry: Type.Optional(retry),
    timeout: Type.Optional(duration('Timeout', 'For all tries of the step together.', '2m')),
    on_error: Type.Optional(
      OneOf(['fail', 'continue'], {
        default: 'fail',
        title: 'On error',
        description: '`continue`: the job goes on, and `steps.<id>.error` says what happened.',
      }),
    ),
  },
  { additionalProperties: false, title: 'Action', description: 'Runs an operation.' },
)

export const ifStep = Type.Object(
  {
    ...stepHead,
    if: condition('Which branch is taken.'),
    then: steps('Steps when true.'),
    else: Type.Optional(
      Type.Unsafe<unknown>({
        anyOf: [steps('Steps when false.'), { $ref: '#/definitions/step' }],
        title: 'Else',
        description: 'Steps when false; or one step, such as a further `if`.',
      }),
    ),
  },
  { additionalProperties: false, title: 'If', description: 'A branch.' },
)

export const forEachStep = Type.Object(
  {
    ...stepHead,
    if: Type.Optional(condition('Guard: the loop is skipped when false.')),
    for_each: Type.String({
      pattern: '\\$\\{\\{',
      title: 'For each',
      description: 'Expression that yields a list.',
      examples: ['${{ steps.found.records }}'],
    }),
    as: Type.Optional(
      Type.String({
        pattern: name,
        default: 'item',
        title: 'As',
        description: 'Name of the value of the turn. `turn.index` and `turn.first` tell which turn it is.',
        examples: ['contact'],
      }),
    ),
    do: steps('Steps of one turn.'),
  },
  { additionalProperties: false, title: 'For each', description: 'Steps for each value of a list, one after the other.' },
)

/** What every connection block has, beside the settings of its connector. */
export const connectionHead = Type.Object(
  {
    connector: Type.String({ title: 'Connector', description: 'The kind of system.', examples: ['dynamics365'] }),
    name: Type.Optional(
      Type.String({
        minLength: 1,
        title: 'Name',
        description: 'Name of the connection. Its sign-in is kept under it.',
        examples: ['Contoso sales'],
      }),
    ),
  },
  { title: 'Connection', description: 'Settings and credentials for one system. Secrets are references: `${{ secrets.NAME }}`.' },
)

const connection = (title: string, description: string) =>
  Type.Unsafe<unknown>({ type: ['object', 'string'], title, description, examples: ['./crm.connection.yaml'] })

export const recipe = Type.Object(
  {
    name: Type.String({ minLength: 1, title: 'Name', description: 'What people call the recipe.' }),
    id: Type.Optional(
      Type.String({
        minLength: 1,
        title: 'Id',
        description: 'Identity of its state; default: its path below the root. Give one before you move the file.',
      }),
    ),
    description: Type.Optional(Type.String({ title: 'Description', description: 'What it does, in a sentence or two.' })),
    tags: Type.Optional(Type.Array(Type.String(), { title: 'Tags', description: 'Words to find it by.' })),
    connection: Type.Optional(connection('Connection', 'The main connection: a block, or the path of a file that holds just the block.')),
    connections: Type.Optional(
      Type.Object({}, { title: 'Connections', description: 'Further connections by name: blocks, or paths of files.' }),
    ),
    trigger,
    concurrency: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        default: 1,
        title: 'Concurrency',
        description: 'Jobs side by side. Changes of one record stay in order.',
      }),
    ),
    timeout: Type.Optional(duration('Timeout', 'How long a job may run before it fails; counted anew when it is run again.', '24h')),
    retry: Type.Optional(retry),
    steps: Type.Array(Type.Unsafe<unknown>({ $ref: '#/definitions/step' }), {
      minItems: 1,
      title: 'Steps',
      description: 'What a job does, in order.',
    }),
  },
  { additionalProperties: false, title: 'Recipe', description: 'One integration: a trigger and a tree of steps.' },
)
