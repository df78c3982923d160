/**
 * The schema, as steps; `user_version` counts those done. A step that has been released is never changed.
 * Times are ISO 8601 with ms, ids UUIDs. Columns ending in `_sealed` are encrypted (support/seal.ts).
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TABLE apps (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    stack TEXT NOT NULL,
    build_stack TEXT NOT NULL,
    region TEXT NOT NULL,
    maintenance INTEGER NOT NULL DEFAULT 0,
    buildpacks TEXT NOT NULL DEFAULT '[]',
    detected_buildpack TEXT,
    features TEXT NOT NULL DEFAULT '{}',
    last_version INTEGER NOT NULL DEFAULT 0,
    current_release TEXT,
    repo_size INTEGER,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    released_at TEXT,
    deleted_at TEXT
  ) STRICT;

  CREATE TABLE config_vars (
    app_id TEXT NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value_sealed TEXT NOT NULL,
    PRIMARY KEY (app_id, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE slugs (
    id TEXT PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
    image TEXT NOT NULL,
    stack TEXT NOT NULL,
    process_types TEXT NOT NULL,
    commit_sha TEXT,
    commit_description TEXT,
    buildpack_description TEXT,
    checksum TEXT,
    size INTEGER,
    created_at TEXT NOT NULL,
    deleted_at TEXT
  ) STRICT;
  CREATE INDEX slugs_app ON slugs(app_id);

  CREATE TABLE releases (
    id TEXT PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    slug_id TEXT REFERENCES slugs(id),
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    user_email TEXT NOT NULL,
    config_sealed TEXT NOT NULL,
    attachments TEXT NOT NULL DEFAULT '[]',
    addon_plan_names TEXT NOT NULL DEFAULT '[]',
    output_id TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (app_id, version)
  ) STRICT;

  CREATE TABLE formation (
    id TEXT PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    size TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (app_id, type)
  ) STRICT;

  CREATE TABLE builds (
    id TEXT PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
    status TEXT NOT NULL,
    stack TEXT NOT NULL,
    buildpacks TEXT,
    source_url TEXT NOT NULL,
    source_version TEXT,
    source_description TEXT,
    source_checksum TEXT,
    slug_id TEXT,
    release_id TEXT,
    user_email TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX builds_app ON builds(app_id, created_at);

  CREATE TABLE app_setups (
    id TEXT PRIMARY KEY,
    app_id TEXT NOT NULL,
    app_name TEXT NOT NULL,
    status TEXT NOT NULL,
    build_id TEXT,
    failure_message TEXT,
    manifest_errors TEXT NOT NULL DEFAULT '[]',
    postdeploy TEXT,
    success_url TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE domains (
    id TEXT PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
    hostname TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE addons (
    id TEXT PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
    name TEXT NOT NULL UNIQUE,
    service TEXT NOT NULL,
    plan TEXT NOT NULL,
    state TEXT NOT NULL,
    options TEXT NOT NULL DEFAULT '{}',
    credentials_sealed TEXT NOT NULL,
    host_port INTEGER,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX addons_app ON addons(app_id);

  CREATE TABLE attachments (
    id TEXT PRIMARY KEY,
    addon_id TEXT NOT NULL REFERENCES addons(id) ON DELETE CASCADE,
    app_id TEXT NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    namespace TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (app_id, name)
  ) STRICT;
  CREATE INDEX attachments_addon ON attachments(addon_id);

  CREATE TABLE crashes (
    app_id TEXT NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
    dyno TEXT NOT NULL,
    release_id TEXT NOT NULL,
    count INTEGER NOT NULL,
    crashed_at TEXT NOT NULL,
    restart_at TEXT,
    PRIMARY KEY (app_id, dyno, release_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE log_cursors (
    container TEXT PRIMARY KEY,
    app_id TEXT NOT NULL,
    cursor TEXT NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  'ALTER TABLE addons ADD COLUMN host TEXT',
  // Without the second, every slug that goes with its app is looked for in all releases.
  `
  CREATE INDEX domains_app ON domains(app_id);
  CREATE INDEX releases_slug ON releases(slug_id);
  CREATE INDEX releases_pending ON releases(app_id, version) WHERE status = 'pending';
  CREATE INDEX builds_pending ON builds(app_id, created_at) WHERE status = 'pending';
  `,
  // A list of apps tells of each one's slug; through the releases that takes twice as long.
  `
  ALTER TABLE apps ADD COLUMN current_slug TEXT;
  UPDATE apps SET current_slug = (SELECT slug_id FROM releases WHERE id = apps.current_release);
  `,
  'ALTER TABLE slugs ADD COLUMN container TEXT',
  `
  CREATE TABLE local_certificates (
    hostname TEXT PRIMARY KEY,
    identity_sealed TEXT NOT NULL,
    used_until TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE log_drains (
    id TEXT PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
    url_sealed TEXT NOT NULL,
    token TEXT NOT NULL,
    delivered INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX log_drains_app ON log_drains(app_id);
  `,
  // A domain without an SNI endpoint is certified by the local authority or not at all. `acm_due_at`: when ACM looks at it next.
  `
  CREATE TABLE sni_endpoints (
    id TEXT PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
    name TEXT NOT NULL UNIQUE,
    certificate_chain TEXT NOT NULL,
    private_key_sealed TEXT NOT NULL,
    ca_signed INTEGER NOT NULL,
    acm INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX sni_endpoints_app ON sni_endpoints(app_id);

  ALTER TABLE domains ADD COLUMN sni_endpoint_id TEXT REFERENCES sni_endpoints(id) ON DELETE SET NULL;
  ALTER TABLE domains ADD COLUMN acm_status TEXT;
  ALTER TABLE domains ADD COLUMN acm_reason TEXT;
  ALTER TABLE domains ADD COLUMN acm_failures INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE domains ADD COLUMN acm_due_at TEXT;
  ALTER TABLE domains ADD COLUMN updated_at TEXT;
  CREATE INDEX domains_due ON domains(acm_due_at) WHERE acm_due_at IS NOT NULL;
  CREATE INDEX domains_sni_endpoint ON domains(sni_endpoint_id) WHERE sni_endpoint_id IS NOT NULL;
  ALTER TABLE apps ADD COLUMN acm INTEGER NOT NULL DEFAULT 0;
  `,
  `
  CREATE TABLE log_retention (
    app_id TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    seconds INTEGER
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE sleeps (
    app_id TEXT PRIMARY KEY REFERENCES apps(id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    since TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX formation_web ON formation(size) WHERE type = 'web' AND quantity > 0;
  `,
  'ALTER TABLE slugs ADD COLUMN health_checks TEXT',
  `
  CREATE TABLE transfers (
    id TEXT PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
    num INTEGER NOT NULL,
    kind TEXT NOT NULL,
    addon_id TEXT NOT NULL,
    from_name TEXT NOT NULL,
    to_name TEXT NOT NULL,
    source_sealed TEXT,
    extensions TEXT NOT NULL,
    schedule_id TEXT,
    source_bytes INTEGER NOT NULL DEFAULT 0,
    processed_bytes INTEGER NOT NULL DEFAULT 0,
    warnings INTEGER NOT NULL DEFAULT 0,
    log TEXT NOT NULL DEFAULT '[]',
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    canceled_at TEXT,
    succeeded INTEGER,
    deleted_at TEXT,
    UNIQUE (app_id, num)
  ) STRICT;
  CREATE INDEX transfers_unfinished ON transfers(id) WHERE finished_at IS NULL;

  CREATE TABLE transfer_schedules (
    id TEXT PRIMARY KEY,
    addon_id TEXT NOT NULL REFERENCES addons(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hour INTEGER NOT NULL,
    timezone TEXT NOT NULL,
    due_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (addon_id, name)
  ) STRICT;
  CREATE INDEX transfer_schedules_due ON transfer_schedules(due_at);
  `,
  // Of a destroyed add-on, whatever became of its app: no row refers to it.
  `
  CREATE TABLE addon_snapshots (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    app TEXT NOT NULL,
    service TEXT NOT NULL,
    plan TEXT NOT NULL,
    credentials_sealed TEXT NOT NULL,
    data_bytes INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE database_reports (
    id TEXT PRIMARY KEY,
    report TEXT NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // What is to be removed from a store that may be out of reach for a while.
  `
  ALTER TABLE transfers ADD COLUMN store TEXT NOT NULL DEFAULT 'local';
  ALTER TABLE transfers ADD COLUMN verifies TEXT;
  ALTER TABLE transfer_schedules ADD COLUMN verify TEXT NOT NULL DEFAULT 'weekly';
  CREATE TABLE transfer_leftovers (
    id TEXT PRIMARY KEY,
    store TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // What Heroku Scheduler runs, and what became of it.
  `
  CREATE TABLE scheduled_jobs (
    id TEXT PRIMARY KEY,
    addon_id TEXT NOT NULL REFERENCES addons(id) ON DELETE CASCADE,
    app_id TEXT NOT NULL,
    num INTEGER NOT NULL,
    command TEXT NOT NULL,
    cron TEXT NOT NULL,
    timezone TEXT NOT NULL,
    size TEXT,
    catch_up INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (addon_id, num)
  ) STRICT;
  CREATE INDEX scheduled_jobs_due ON scheduled_jobs(due_at);

  CREATE TABLE scheduled_runs (
    id TEXT PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES scheduled_jobs(id) ON DELETE CASCADE,
    due_at TEXT NOT NULL,
    state TEXT NOT NULL,
    dyno TEXT,
    exit_code INTEGER,
    message TEXT,
    finished_at TEXT
  ) STRICT;
  CREATE INDEX scheduled_runs_job ON scheduled_runs(job_id, due_at);
  CREATE INDEX scheduled_runs_unfinished ON scheduled_runs(id) WHERE finished_at IS NULL;
  `,
  'ALTER TABLE addons ADD COLUMN page_port INTEGER',
  // What is between partners of the Add-on Partner API and us. An end that a partner has to hear of outlives the add-on.
  `
  CREATE TABLE partner_addons (
    addon_id TEXT PRIMARY KEY REFERENCES addons(id) ON DELETE CASCADE,
    reference TEXT NOT NULL,
    config_sealed TEXT NOT NULL,
    message TEXT,
    drain_token TEXT NOT NULL,
    deadline TEXT,
    wanted_plan TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE partner_grants (
    digest TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    addon_id TEXT NOT NULL REFERENCES addons(id) ON DELETE CASCADE,
    expires_at TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX partner_grants_addon ON partner_grants(addon_id);

  CREATE TABLE partner_farewells (
    addon_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    service TEXT NOT NULL,
    reference TEXT NOT NULL,
    since TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE log_drains ADD COLUMN addon_id TEXT;
  `,
  // Whom a database follows is an option of it.
  `CREATE INDEX addons_follow ON addons(json_extract(options, '$.follow')) WHERE json_extract(options, '$.follow') IS NOT NULL`,
  // What is looked for in logs again and again, and who is told of it.
  `
  CREATE TABLE papertrail_searches (
    id TEXT PRIMARY KEY,
    addon_id TEXT NOT NULL REFERENCES addons(id) ON DELETE CASCADE,
    app_id TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    frequency TEXT,
    minimum INTEGER,
    webhook_sealed TEXT,
    seen INTEGER NOT NULL,
    due_at TEXT,
    triggered_at TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (addon_id, name)
  ) STRICT;
  CREATE INDEX papertrail_searches_due ON papertrail_searches(due_at);
  `,
]
