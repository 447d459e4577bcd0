import { parseDuration } from '../connector/duration.ts'
import { CheckContext } from '../recipe/context.ts'
import { readDocument } from '../recipe/document.ts'
import { byPlace, type Problem } from '../recipe/problem.ts'
import { checkShape } from '../recipe/shape.ts'
import { withoutPlaces } from './places.ts'
import schema from './schema.json' with { type: 'json' }
import { defaults, type Settings } from './settings.ts'

/** The file as its schema allows it. */
interface Written {
  secrets?: Settings['secrets']
  store?: { key?: Settings['storeKey'] }
  warn_before?: string
}

/** Checks the text of a `runner.yaml`. All problems come back at once, sorted by place. */
export function checkText(file: string, text: string): { settings?: Settings; problems: Problem[] } {
  const document = readDocument(file, text)
  if (document.problems.length > 0) return { problems: document.problems.toSorted(byPlace) }
  const problems: Problem[] = []
  // A file of comments alone says nothing.
  const written = document.value ?? {}
  const context = new CheckContext(document, {}, problems)
  checkShape(context, withoutPlaces(context, written), schema, [])
  return problems.length > 0 ? { problems: problems.toSorted(byPlace) } : { settings: settingsOf(written), problems }
}

function settingsOf({ secrets, store, warn_before }: Written): Settings {
  return {
    secrets: secrets ?? defaults.secrets,
    storeKey: store?.key ?? defaults.storeKey,
    warnBeforeMs: warn_before === undefined ? defaults.warnBeforeMs : parseDuration(warn_before),
  }
}
