/** The condition operators of FetchXML; those of `$filter` and the Dataverse query functions are other spellings of them (facts sheet 6.2 and 7.3). */
export type Operator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'
