CREATE TABLE IF NOT EXISTS `nba_orchestration.backfill_runs` (
  started_on DATE NOT NULL OPTIONS (description = 'clock: the date it was started, UTC'),
  backfill_id STRING NOT NULL OPTIONS (description = 'run: id of the workflow and its first run'),
  start_date DATE NOT NULL OPTIONS (description = 'first game date asked for'),
  end_date DATE NOT NULL OPTIONS (description = 'last game date asked for'),
  phase STRING OPTIONS (description = 'the phase asked for; NULL for the whole day'),
  only_kind STRING OPTIONS (description = 'missing, failed, stale or all; NULL for what needs it'),
  max_parallel INT64 NOT NULL OPTIONS (description = 'days at once, at most'),
  requested_by STRING NOT NULL OPTIONS (description = 'who'),
  status STRING NOT NULL OPTIONS (description = 'running, completed, failed or stopped'),
  dates INT64 NOT NULL OPTIONS (description = 'dates chosen'),
  completed INT64 NOT NULL OPTIONS (description = 'dates completed'),
  failed INT64 NOT NULL OPTIONS (description = 'dates that ended otherwise'),
  games INT64 NOT NULL OPTIONS (description = 'games of the completed dates'),
  failures ARRAY<STRING> OPTIONS (description = 'date and reason of each failure, the first hundred'),
  seconds FLOAT64 NOT NULL OPTIONS (description = 'clock: from start to the latest record'),
  first_seconds FLOAT64 OPTIONS (description = 'clock: seconds a date over the first twenty'),
  last_seconds FLOAT64 OPTIONS (description = 'clock: seconds a date over the last twenty'),
  started_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when it began'),
  updated_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when this was recorded'),
  PRIMARY KEY (started_on, backfill_id) NOT ENFORCED
)
PARTITION BY started_on
CLUSTER BY backfill_id
OPTIONS (description = 'run: backfills, what each was asked and came to');
