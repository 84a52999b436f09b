CREATE TABLE IF NOT EXISTS `nba_orchestration.processor_run_history` (
  data_date DATE NOT NULL OPTIONS (description = 'the day'),
  run_key STRING NOT NULL OPTIONS (description = 'derived from run, phase, processor and re-trigger'),
  processor_name STRING NOT NULL OPTIONS (description = 'processor'),
  phase_name STRING NOT NULL OPTIONS (description = 'phase'),
  run_id STRING NOT NULL OPTIONS (description = 'run: the workflow run'),
  retrigger INT64 NOT NULL OPTIONS (description = 'how often it was re-triggered'),
  attempts INT64 NOT NULL OPTIONS (description = 'attempts used'),
  status STRING NOT NULL OPTIONS (description = 'completed, failed or skipped'),
  rows_written INT64 NOT NULL OPTIONS (description = 'rows'),
  warnings INT64 NOT NULL OPTIONS (description = 'warnings'),
  error_type STRING OPTIONS (description = 'the error'),
  message STRING OPTIONS (description = 'what it said'),
  started_at TIMESTAMP OPTIONS (description = 'clock: when it began'),
  finished_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when it ended'),
  bytes_processed INT64 OPTIONS (description = 'run: bytes that BigQuery read for it'),
  bytes_billed INT64 OPTIONS (description = 'run: bytes that BigQuery billed for it'),
  PRIMARY KEY (data_date, run_key) NOT ENFORCED
)
PARTITION BY data_date
CLUSTER BY run_key
OPTIONS (description = 'run: every run of every processor');
