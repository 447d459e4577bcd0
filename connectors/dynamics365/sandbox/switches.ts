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
  alternate_key_duplicate_status: {
    sheet: '4.1',
    about: 'status when an alternate key is already taken (0x80060892)',
    values: [412, 400],
  },
  expired_delta_status: { sheet: '8.4', about: 'status of an expired delta token (0x80044352)', values: [400, 410, 412] },
  null_property_status: { sheet: '4.5', about: 'status when a single value that is null is read', values: [204, 200] },
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
