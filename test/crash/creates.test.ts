import { killDuring } from './harness.ts'

/** One job a row, each a create: the write that must not happen twice. */
killDuring({
  name: 'creates, a job a row',
  recipe: `name: Import
connection: ./crm.connection.yaml
concurrency: 25
trigger: { type: files.rows, with: { path: rows.csv } }
steps:
  - id: created
    action: dynamics365.create_record
    with: { table: lead, values: { lastname: "\${{ trigger.name }}", subject: "\${{ trigger.mark }}" } }
`,
  target: { set: 'leads', nameColumn: 'lastname', markColumn: 'subject' },
})
