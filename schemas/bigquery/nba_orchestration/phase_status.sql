CREATE TABLE IF NOT EXISTS `nba_orchestration.phase_status` (
  game_date DATE NOT NULL OPTIONS (description = 'the day'),
  phase_name STRING NOT NULL OPTIONS (description = 'phase'),
  processor_name STRING NOT NULL OPTIONS (description = 'processor; empty for the phase itself'),
  status STRING NOT NULL OPTIONS (description = 'pending, running, waiting, completed, failed or skipped'),
  rows_written INT64 NOT NULL OPTIONS (description = 'rows'),
  error_type STRING OPTIONS (description = 'the error, if failed or waiting'),
  message STRING OPTIONS (description = 'what it said'),
  retrigger INT64 NOT NULL OPTIONS (description = 'how often it was re-triggered'),
  run_id STRING NOT NULL OPTIONS (description = 'run: the workflow run'),
  updated_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when it changed'),
  PRIMARY KEY (game_date, phase_name, processor_name) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY phase_name, processor_name
OPTIONS (description = 'run: what each phase and processor of a day last came to');
