/** What the real service has at its root, and the sandbox lacks: an answer other than that it does not exist. */
export const absentNames: ReadonlySet<string> = new Set(
  `CalculatePrice CalculateRollupField CloseQuote CreateCustomerRelationships CreatePolymorphicLookupAttribute DeleteOptionValue ExportSolution
    InsertOptionValue InsertStatusValue OrderOption UpdateOptionValue UpdateStateValue ImportSolution RetrieveDependenciesForDelete RetrieveDuplicates
    activitypointers appmodules appointments audits campaigns connectionreferences environmentvariabledefinitions
    environmentvariablevalues invoices letters phonecalls pluginassemblies plugintracelogs plugintypes pricelevels privileges
    publishers queues quotes roles salesorders solutions systemforms webresourceset workflows`.split(/\s+/),
)

/** What the real service has beside the Web API, or at another host, and the sandbox lacks. */
export const absentPaths: readonly { path: RegExp; what: string }[] = [
  { path: /^\/api\/discovery\//i, what: 'the discovery service' },
  { path: /^\/api\/search\//i, what: 'the search service' },
  { path: /^\/[^/]+\/api\/data\//i, what: 'the name of an organization before `/api/data/`, as on-premises with Windows sign-in' },
  { path: /^(?:\/[^/]+)?\/XRMServices\//i, what: 'SOAP and the older data service below `/XRMServices/`' },
]

/** Further things that answer 501, or that are simpler here than there; the page in the docs lists them. */
export const absences: readonly string[] = [
  'rows nested in a row that is changed; nested rows in a new one are created',
  'deleting users, teams, business units and currencies',
  'paths and lambdas through `ownerid`; `owninguser` and `owningteam` lead to the same row',
  'functions in `$filter` other than `contains`, `startswith`, `endswith` and those of Dataverse',
  '`$expand=*`, paths in `$expand`, and `$filter` or `$expand` inside an expanded `ownerid`',
  'row aggregates and conditions on aggregates in FetchXML, links without `from` and `to`',
  'SQL in the query option `sql`',
  'query options behind a function, such as `$filter` behind `RetrieveCurrentOrganization`',
  'custom APIs that a client makes of rows in `customapis`; `custom_apis` in a scenario declares them',
  'bulk deletions that recur or start later: a bulk deletion runs at once, so its job is always found completed',
  'the bytes of a file inside `$batch`',
  'in `RetrieveMetadataChanges`: definitions of one app, and properties that definitions lack here, such as `Privileges`',
  '`InitializeFrom` between tables that `entitymaps` does not name together',
  'in definitions that are written: tables of activities, virtual tables, calculated columns, solutions, labels of options in more than one language; keys are built at once, so they are never pending',
  'changing options one by one (`InsertOptionValue` and its like); lookups to several tables by one action',
  '`$apply` with filters alone, or with a step behind `groupby` or `aggregate`',
  'plug-ins and workflows; webhooks are really called, those of the stages before an operation too when it has succeeded so far',
  'steps of the messages `CreateMultiple` and `UpdateMultiple` are not called; those of the single rows are',
  'thumbnails: pictures are not shrunk, the thumbnail is the picture itself',
  'synchronous webhooks inside `$batch` take the whole batch back, not the part alone',
  'sign-in by forms (WS-Federation), NTLM and Kerberos',
  'time zones and languages of users: formatted values are in English and UTC',
]
