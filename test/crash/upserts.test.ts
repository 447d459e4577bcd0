import { killDuring } from './harness.ts'

/** Jobs of 100 rows by alternate key. */
killDuring({
  name: 'upserts, a job a batch',
  recipe: `name: Import
connection: ./crm.connection.yaml
concurrency: 2
trigger: { type: files.rows, with: { path: rows.csv }, batch: 100 }
steps:
  - id: upserted
    action: dynamics365.upsert_records
    with:
      table: account
      key: [accountnumber]
      rows: \${{ batch.records }}
      as: row
      values: { accountnumber: "\${{ row.name }}", name: "\${{ row.mark }}" }
`,
  target: { set: 'accounts', nameColumn: 'accountnumber', markColumn: 'name' },
})
