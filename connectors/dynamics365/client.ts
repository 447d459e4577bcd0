import type { Host } from '../../runner/connector/index.ts'
import { apiUrl, commonHeaders, defaultAtOnce } from './address.ts'
import { type Choices, cachedChoices } from './metadata/choices.ts'
import { cachedTables, type Tables } from './metadata/table.ts'
import type { Settings } from './settings.ts'
import { openWebApi, type WebApi } from './webapi/client.ts'

/** What every operation works with: the Web API of the organization and what is known of its tables. */
export interface Client {
  readonly api: WebApi
  readonly tables: Tables
  readonly choices: Choices
}

export function openClient({ settings, request, clock }: Pick<Host<Settings>, 'settings' | 'request' | 'clock'>): Client {
  const { suppress_duplicate_detection: suppress, tag, limits } = settings
  const api = openWebApi(
    {
      baseUrl: apiUrl(settings),
      atOnce: limits?.at_once ?? defaultAtOnce,
      partHeaders: commonHeaders(settings),
      writeHeaders: suppress === undefined ? {} : { 'mscrm.suppressduplicatedetection': String(suppress) },
      ...(tag !== undefined && { tag }),
    },
    request,
    clock,
  )
  return { api, tables: cachedTables(api), choices: cachedChoices(api) }
}
