import { OneOf, type TSchema, Type } from '../../../../runner/connector/index.ts'
import { type FaultField, type FaultKind, faultKinds, matcherFields } from '../faults/kinds.ts'
import { customApiTypes } from '../organization/seed.ts'
import { rights } from '../privileges/rules.ts'
import { type Switch, switches } from '../switches.ts'

type Fields = Record<string, object>

/** One text or a list of them; one error per mistake, unlike a union. */
const paths = (description: string) =>
  Type.Unsafe({ type: ['string', 'array'], minLength: 1, items: { type: 'string', minLength: 1 }, description })
const duration = (description: string) => Type.String({ description, examples: ['90m'] })
const closed = (properties: Fields, required: readonly string[] = []) => ({ properties, required, additionalProperties: false })
const list = (description: string, item: object) => Type.Array(Type.Unsafe({ type: 'object', ...item }), { description })
const all = (schemas: Record<string, TSchema>) =>
  Object.fromEntries(Object.entries(schemas).map(([name, one]) => [name, Type.Optional(one)]))

function faultField({ type, about, least, most, values, default: preset }: FaultField): object {
  return {
    type,
    description: about,
    ...(least !== undefined && { minimum: least }),
    ...(most !== undefined && { maximum: most }),
    ...(values && { enum: values }),
    ...(preset !== undefined && { default: preset }),
  }
}

/** The fields of a fault depend on its kind. */
const faults = Object.entries(faultKinds as Record<string, FaultKind>).map(([kind, { fields }]) => ({
  if: { properties: { fault: { const: kind } }, required: ['fault'] },
  then: closed({ fault: {}, ...mapValues({ ...matcherFields, ...fields }, faultField) }),
}))

const privileges = {
  if: { required: ['privilege'] },
  then: closed({ user: { type: 'string' }, privilege: { type: 'string' }, held: { type: 'boolean' } }, ['user', 'held']),
  else: closed(
    {
      user: { type: 'string' },
      table: { type: 'string' },
      rights: { type: 'array', items: { type: 'string', enum: rights } },
      depth: { type: 'string', enum: ['none', 'user', 'organization'] },
    },
    ['user', 'table', 'depth'],
  ),
}

const value = {
  name: { type: 'string' },
  type: { type: 'string', enum: customApiTypes },
  table: { type: 'string', description: 'logical name, of rows' },
}
const values = (description: string, more: Fields) => list(description, closed({ ...value, ...more }, ['name', 'type']))

const customApi = closed(
  {
    name: Type.String({ description: 'unique name, with the prefix of a publisher', examples: ['hrb_Dock'] }),
    function: Type.Boolean({ description: 'a function; default: an action' }),
    private: Type.Boolean({ description: 'absent from $metadata' }),
    binding: Type.Unsafe({
      type: 'object',
      description: 'what it is called on; default: nothing',
      ...closed({ to: { type: 'string', enum: ['row', 'set'] }, table: { type: 'string' } }, ['to', 'table']),
    }),
    parameters: values('what it takes', { optional: { type: 'boolean' } }),
    results: values('what it answers: a value, or that of a parameter', { value: {}, from: { type: 'string' } }),
    execute_privilege: Type.String({ description: 'privilege that a caller must hold' }),
  },
  ['name'],
)

/** A scenario file: how a sandbox begins. Paths are relative to the file; what has a flag of `runner sandbox` means the same as there. */
export const scenarioSchema = Type.Object(
  all({
    port: Type.Integer({ minimum: 0, maximum: 65_535, description: 'port to listen on; default: any free one' }),
    data: paths('files of rows to begin with, or folders of them'),
    metadata: paths('files of tables: EntityDefinitions in JSON, or CSDL'),
    access_token_ttl: duration('life of access tokens'),
    refresh_token_ttl: duration('life of refresh tokens without use'),
    limits: Type.String({ description: 'service protection: off (default), real, or a list', examples: ['requests=60,window=3s'] }),
    auth: OneOf(['on', 'off'], { description: 'off: any bearer token is taken' }),
    persist: Type.String({ minLength: 1, description: 'file that keeps the rows' }),
    tls: Type.Boolean({ description: 'serve https' }),
    clock: Type.String({ description: 'moment that the clock begins at', examples: ['2026-03-01T10:00:00Z'] }),
    switches: Type.Unsafe({
      type: 'object',
      description: 'switches by name',
      ...closed(mapValues(switches as Record<string, Switch>, ({ values, about }) => ({ enum: values, description: about }))),
    }),
    faults: list('faults, as `POST /sandbox/faults` takes them', {
      properties: { fault: { type: 'string', enum: Object.keys(faultKinds) } },
      required: ['fault'],
      allOf: faults,
    }),
    privileges: list('what users may do, as `POST /sandbox/privileges` takes it', privileges),
    custom_apis: list('custom APIs: functions and actions with the results that they give', customApi),
    before_next: list(
      'what happens when a request comes, as `POST /sandbox/before-next` takes it',
      closed({ path: { type: 'string' }, do: { type: 'array', items: { type: 'string' } } }, ['path', 'do']),
    ),
    token_failures: list(
      'calls of the token endpoint that fail, as `POST /sandbox/token-endpoint/fail` takes them',
      closed({ times: { type: 'integer' }, status: { type: 'integer' }, retry_after: { type: 'integer' }, code: { type: 'integer' } }),
    ),
    certificates: paths('certificates in PEM that the app may sign assertions with'),
    federated_credentials: list(
      "issuers whose tokens stand in for the app's secret",
      closed(
        {
          issuer: { type: 'string' },
          subject: { type: 'string' },
          audience: { type: 'string' },
          keys: { type: 'array', items: { type: 'object' } },
        },
        ['issuer', 'subject', 'keys'],
      ),
    ),
    adfs_redirects: Type.Array(Type.String(), { description: 'redirects that AD FS takes beside its own, exact to the last slash' }),
  }),
  { additionalProperties: false },
)

function mapValues<T>(record: Record<string, T>, map: (value: T) => object): Fields {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}
