/** How the sandbox answers where the documentation is uncertain or where organizations differ. */
export interface Switch {
  /** Section of the facts sheet. */
  sheet: string
  about: string
  /** The first one is how it stands at the start. */
  values: readonly (string | number | boolean)[]
}

/** Set by `--switch name=value`, and while the sandbox runs by `POST /sandbox/switches`. The page in the docs is made of this table. */
export const switches = {
  adfs_expired_status: { sheet: 'auth 8.5', about: 'status of AD FS for an expired sign-in (MSIS9615)', values: [401, 400] },
  adfs_rotation: { sheet: 'auth 8.3', about: 'whether AD FS gives another refresh token when a sign-in is renewed', values: ['off', 'on'] },
  application_user: {
    sheet: 'auth 4.7',
    about: "whether the app's own sign-in has a user in the organization; without one the Web API answers 403 (0x80072560)",
    values: ['present', 'missing'],
  },
  challenge_headers: {
    sheet: 'auth 9.4',
    about: 'what the Web API asks for with a 401: a bearer token alone, or also Negotiate and NTLM, as on-premises',
    values: ['bearer', 'bearer_and_windows', 'windows'],
  },
  registration_tenants: {
    sheet: 'auth 2.2',
    about:
      'whose people the app registrations take: those of the one tenant, or of many, so that they may sign in at `organizations` and `common`',
    values: ['one', 'many'],
  },
  refresh_token_reuse: {
    sheet: 'auth 5',
    about: 'what becomes of a refresh token that was renewed: it stays valid, or its use again revokes the whole sign-in',
    values: ['allowed', 'revokes'],
  },
  alternate_key_duplicate_status: {
    sheet: '4.1',
    about: 'status when an alternate key is already taken (0x80060892)',
    values: [412, 400],
  },
  bulk_error_annotation: {
    sheet: '11.2',
    about: 'name of the annotation that tells which rows of a bulk call on an elastic table failed',
    values: ['Microsoft.PowerApps.CDS.ErrorDetails.Plugin.BulkApiErrorDetails', 'Microsoft.PowerApps.CDS.ErrorDetails.BulkApiErrorDetails'],
  },
  disabled_user_status: { sheet: '20.2', about: 'status for a user who is disabled (0x8004A112)', values: [403, 401] },
  delete_restricted_status: {
    sheet: '4.8',
    about: 'status when a relationship forbids to delete a row (0x80040227)',
    values: [405, 400],
  },
  duplicate_detected_status: { sheet: '4.9', about: 'status when a rule finds a duplicate (0x80040333)', values: [412, 500] },
  delta_select_changed: {
    sheet: '8.3',
    about: 'a delta token with another $select than it was given for: applies the new one, or counts as expired',
    values: ['apply', 'expire'],
  },
  expired_delta_status: { sheet: '8.4', about: 'status of an expired delta token (0x80044352)', values: [400, 410, 412] },
  fetchxml_all: {
    sheet: '7.3',
    about:
      'link types `all` and `not all`: rows exist and none fits the filter, and the same as `any` (newer documentation), or what their names say: every row fits, and one does not (older one)',
    values: ['inverted', 'named'],
  },
  global_choice_filter: { sheet: '14.2', about: '$filter on GlobalOptionSetDefinitions without a cast', values: ['refuse', 'apply'] },
  fiscal_year_month: { sheet: '6.2', about: 'month in which the fiscal year of the organization begins', values: [1, 4, 7, 10] },
  files_in_database: {
    sheet: '13.3',
    about: 'files are kept in the database itself, as on-premises and with self-managed keys: they cannot be downloaded in chunks',
    values: [false, true],
  },
  webhook_pairs: {
    sheet: '18.2',
    about: 'how several header or query values of a webhook are written in `authvalue`',
    values: ['xml', 'json'],
  },
  pair_event_entity: {
    sheet: '18.4',
    about: 'what an event that associates or disassociates names as its primary entity: its target, or none, as its step is registered',
    values: ['target', 'none'],
  },
  top_and_page_size: {
    sheet: '6.3',
    about: 'which of the two holds where a request has both $top and a page size',
    values: ['page_size', 'top'],
  },
  definition_order_and_top: {
    sheet: '14.2',
    about: '$orderby and $top on definitions: refused, or without effect',
    values: ['refuse', 'ignore'],
  },
  enum_cast_status: { sheet: '14.2', about: 'status of a cast to EnumAttributeMetadata, which always fails', values: [400, 404, 501] },
  metadata_query_properties: {
    sheet: '14.4',
    about: 'properties that a query of RetrieveMetadataChanges gives that names none: all, or MetadataId and LogicalName alone',
    values: ['all', 'keys'],
  },
  unchanged_definitions: {
    sheet: '14.4',
    about:
      'what RetrieveMetadataChanges tells of a definition that holds a changed one and did not change itself: MetadataId and LogicalName alone, or what was asked for',
    values: ['keys', 'values'],
  },
  null_property_status: { sheet: '4.5', about: 'status when a single value that is null is read', values: [204, 200] },
  batch_content_id_required: {
    sheet: '9.1',
    about: 'whether a request of a change set without Content-ID is refused',
    values: [true, false],
  },
  batch_failed_status: {
    sheet: '9.1',
    about: 'status of a batch that a failure ended: that of the failed part, or always 400',
    values: ['part', 400],
  },
  batch_headers_inherited: { sheet: '9.1', about: 'whether headers of a batch hold for its parts, too', values: [false, true] },
  batch_line_endings: { sheet: '9.1', about: 'whether lines of a batch may end with a bare LF', values: ['lenient', 'strict'] },
  batch_too_many_parts_status: { sheet: '9.2', about: 'status of a batch with more than 1,000 requests', values: [400, 413] },
  long_url_status: {
    sheet: '6.8',
    about: 'status of an address of more than 32,768 characters, or 65,536 in a batch',
    values: [414, 400, 404],
  },
  pair_again: {
    sheet: '5',
    about: 'a pair of a many-to-many relationship is associated again: refused (412, 0x80040237) or nothing happens',
    values: ['refuse', 'ignore'],
  },
  read_only_column: { sheet: '10', about: 'a column in a body that cannot be written', values: ['ignore', 'refuse'] },
  sub_second_digits: { sheet: '10', about: 'fractions of a second in a moment that is written', values: ['truncate', 'keep'] },
  unreadable_lookup_name: {
    sheet: '2.4',
    about: 'the formatted value of a lookup to a row that the caller may not read: shown as to anybody, or left out',
    values: ['show', 'hide'],
  },
  unicode_facet: {
    sheet: '14.1',
    about: '`Unicode="false"` in $metadata: on every text, as a recorded organization has it, or on those that hold ASCII only',
    values: ['every_text', 'ascii_only'],
  },
} as const satisfies Record<string, Switch>

export type SwitchName = keyof typeof switches
export type Switches = { -readonly [Name in SwitchName]: (typeof switches)[Name]['values'][number] }

export function defaultSwitches(): Switches {
  return Object.fromEntries(Object.entries(switches).map(([name, { values }]) => [name, values[0]])) as Switches
}

/**
 * Sets switches by name.
 * @throws RangeError for a name or value that there is not
 */
export function setSwitches(current: Switches, given: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(given)) {
    const known: Switch | undefined = Object.hasOwn(switches, name) ? switches[name as SwitchName] : undefined
    if (!known) throw new RangeError(`There is no switch \`${name}\`. There are ${Object.keys(switches).join(', ')}.`)
    const chosen = known.values.find((one) => String(one) === String(value))
    if (chosen === undefined) throw new RangeError(`The switch \`${name}\` can be ${known.values.join(', ')}.`)
    Object.assign(current, { [name]: chosen })
  }
}
