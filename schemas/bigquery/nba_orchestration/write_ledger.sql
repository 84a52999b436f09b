CREATE TABLE IF NOT EXISTS `nba_orchestration.write_ledger` (
  written_on DATE NOT NULL OPTIONS (description = 'clock: UTC date of the write'),
  write_key STRING NOT NULL OPTIONS (description = 'run: workflow run id / activity id / table / chunk'),
  table_name STRING NOT NULL OPTIONS (description = 'the table written'),
  mode STRING NOT NULL OPTIONS (description = 'replace or merge'),
  partitions ARRAY<STRING> OPTIONS (description = 'the partitions written'),
  slice STRING NOT NULL OPTIONS (description = 'the slice of the partition; empty for all of it'),
  row_count INT64 NOT NULL OPTIONS (description = 'rows written'),
  content_hash STRING NOT NULL OPTIONS (description = 'SHA-256 of the rows, run ids and clock columns aside'),
  epoch INT64 NOT NULL OPTIONS (description = 'fence: when the writing run began, microseconds since 1970'),
  retrigger INT64 NOT NULL OPTIONS (description = 'fence: the re-trigger number within the run'),
  run_id STRING NOT NULL OPTIONS (description = 'run: the workflow run'),
  written_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when'),
  PRIMARY KEY (write_key) NOT ENFORCED
)
PARTITION BY written_on
CLUSTER BY write_key
OPTIONS (description = 'run: every write, recorded in the transaction that made it');
