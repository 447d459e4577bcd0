import type { Languages } from '../languages.ts'
import { type Criteria, readCriteria } from './criteria.ts'
import { type Json, listOf, membersOf } from './members.ts'

/** Which definitions of one kind are asked for, and which of their properties; undefined: all. */
export interface Wanted {
  properties: ReadonlySet<string> | undefined
  criteria: Criteria | undefined
}

/** A query for tables, and for what belongs to them. */
export interface DefinitionQuery extends Wanted {
  attributes: Wanted
  keys: Wanted
  relationships: Wanted
  /** Whose labels are given. */
  languages: Languages
}

/**
 * Reads an `EntityQueryExpression`. Its members and those of the types it holds are from the reference of the Web API;
 * the meaning of each from "Query schema definitions" of the developer guide of Dataverse.
 * @param lacking what a query gives that has no `Properties`, of which neither tells: all, or what is always there
 * @throws WebApiError 400 for a member or value that there is not
 */
export function readQuery(query: unknown, lacking: 'all' | 'keys'): DefinitionQuery {
  const json = membersOf(query, 'EntityQueryExpression')
  const labels = membersOf(json.LabelQuery, 'LabelQueryExpression')
  const part = (value: unknown, type: string) => readWanted(membersOf(value, type), value == null ? 'all' : lacking)
  return {
    ...readWanted(json, query == null ? 'all' : lacking),
    attributes: part(json.AttributeQuery, 'AttributeQueryExpression'),
    keys: part(json.KeyQuery, 'EntityKeyQueryExpression'),
    relationships: part(json.RelationshipQuery, 'RelationshipQueryExpression'),
    languages: labels.FilterLanguages == null ? undefined : languagesOf(labels.FilterLanguages),
  }
}

function readWanted({ Properties, Criteria: criteria }: Json, lacking: 'all' | 'keys'): Wanted {
  const { AllProperties, PropertyNames } = membersOf(Properties, 'MetadataPropertiesExpression')
  // Examples of the documentation write `false` and `"False"`.
  const all = Properties == null ? lacking === 'all' : /^true$/i.test(String(AllProperties))
  return {
    properties: all ? undefined : new Set(listOf(PropertyNames, 'PropertyNames').map(String)),
    criteria: criteria == null ? undefined : readCriteria(criteria),
  }
}

function languagesOf(value: unknown): Languages {
  const languages = listOf(value, 'FilterLanguages').map(Number)
  return languages.length > 0 ? new Set(languages) : undefined
}
