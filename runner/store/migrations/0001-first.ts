import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A partial index is used only by a query that repeats its predicate literally; each has an EXPLAIN test. */
export const firstMigration: Migration = {
  async up(db: Kysely<unknown>) {
    const { schema } = db
    await schema
      .createTable('meta')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('value', 'blob', (c) => c.notNull())
      .execute()
    await schema
      .createTable('recipes')
      .addColumn('hash', 'text', (c) => c.primaryKey())
      .addColumn('path', 'text', (c) => c.notNull())
      .addColumn('files', 'blob', (c) => c.notNull())
      .execute()
    await schema
      .createTable('runs')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('recipe', 'text', (c) => c.notNull())
      .addColumn('environment', 'text', (c) => c.notNull())
      .addColumn('started_at', 'bigint', (c) => c.notNull())
      .addColumn('ended_at', 'bigint')
      .addColumn('recipe_hash', 'text', (c) => c.notNull())
      .addColumn('git_commit', 'text')
      .addColumn('runner_version', 'text', (c) => c.notNull())
      .addColumn('outcome', 'text')
      .addColumn('counts', 'text')
      .addColumn('error', 'blob')
      .execute()
    await schema.createIndex('runs_by_recipe').on('runs').columns(['recipe', 'environment', 'started_at']).execute()
    await schema
      .createTable('cursors')
      .addColumn('recipe', 'text', (c) => c.notNull())
      .addColumn('environment', 'text', (c) => c.notNull())
      .addColumn('cursor', 'blob', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('cursors_key', ['recipe', 'environment'])
      .execute()
    await schema
      .createTable('snapshots')
      .addColumn('recipe', 'text', (c) => c.notNull())
      .addColumn('environment', 'text', (c) => c.notNull())
      .addColumn('row_id', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('row_values', 'blob', (c) => c.notNull())
      .addPrimaryKeyConstraint('snapshots_key', ['recipe', 'environment', 'row_id'])
      .execute()
    await schema
      .createTable('events')
      .addColumn('recipe', 'text', (c) => c.notNull())
      .addColumn('environment', 'text', (c) => c.notNull())
      .addColumn('event_id', 'text', (c) => c.notNull())
      .addColumn('job_id', 'text', (c) => c.notNull())
      .addColumn('seen_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('events_key', ['recipe', 'environment', 'event_id'])
      .execute()
    await createJobs(db)
    await schema
      .createTable('steps')
      .addColumn('job_id', 'text', (c) => c.notNull())
      .addColumn('address', 'text', (c) => c.notNull())
      .addColumn('position', 'bigint', (c) => c.notNull())
      .addColumn('node_hash', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('step_key', 'text', (c) => c.notNull())
      .addColumn('attempt', 'integer', (c) => c.notNull())
      .addColumn('input', 'blob')
      .addColumn('output', 'blob')
      .addColumn('progress', 'blob')
      .addColumn('error', 'blob')
      .addColumn('started_at', 'bigint', (c) => c.notNull())
      .addColumn('ended_at', 'bigint')
      .addPrimaryKeyConstraint('steps_key', ['job_id', 'address'])
      .execute()
    await schema
      .createTable('tokens')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('fingerprint', 'text', (c) => c.notNull())
      .addColumn('payload', 'blob', (c) => c.notNull())
      .addColumn('version', 'integer', (c) => c.notNull())
      .execute()
  },
}

async function createJobs(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  await schema
    .createTable('jobs')
    .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('recipe', 'text', (c) => c.notNull())
    .addColumn('environment', 'text', (c) => c.notNull())
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('payload', 'blob', (c) => c.notNull())
    .addColumn('order_key', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('fence', 'integer', (c) => c.notNull())
    .addColumn('owner', 'text')
    .addColumn('recipe_hash', 'text')
    .addColumn('error', 'blob')
    .addColumn('error_code', 'text')
    .addColumn('step', 'text')
    .addColumn('reason', 'text')
    .execute()
  await sql`create index jobs_ready on jobs (recipe, environment, seq) where state = 'ready'`.execute(db)
  await sql`create index jobs_running on jobs (recipe, environment, owner) where state = 'running'`.execute(db)
  await sql`create index jobs_held on jobs (recipe, environment, seq) where state = 'held'`.execute(db)
  await sql`create index jobs_open on jobs (recipe, environment, state) where state in ('ready', 'blocked', 'waiting', 'running')`.execute(
    db,
  )
  await sql`create index jobs_key on jobs (recipe, environment, order_key, seq) where order_key is not null and state in ('ready', 'blocked', 'held', 'waiting', 'running')`.execute(
    db,
  )
  await sql`create index jobs_stuck on jobs (recipe, environment, error_code, seq) where state in ('failed', 'partial', 'cancelled', 'outcome_unknown')`.execute(
    db,
  )
}
