CREATE TABLE IF NOT EXISTS `nba_orchestration.reconciliations` (
  reconciled_on DATE NOT NULL OPTIONS (description = 'clock: UTC date'),
  finding_id STRING NOT NULL OPTIONS (description = 'run: derived from the run and the finding'),
  kind STRING NOT NULL OPTIONS (description = 'never_run, unfinished, failed, empty_table, ungraded, box_score, claim or staging'),
  game_date DATE OPTIONS (description = 'the date concerned, if any'),
  found STRING NOT NULL OPTIONS (description = 'what schedule, tables and statuses disagree about'),
  remedy STRING NOT NULL OPTIONS (description = 'start, retrigger, sweep or none'),
  done STRING NOT NULL OPTIONS (description = 'what was done about it'),
  requested_by STRING NOT NULL OPTIONS (description = 'who'),
  run_id STRING NOT NULL OPTIONS (description = 'run: the workflow run'),
  found_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when'),
  PRIMARY KEY (reconciled_on, finding_id) NOT ENFORCED
)
PARTITION BY reconciled_on
CLUSTER BY kind
OPTIONS (description = 'run: what the reconciler found and did');
