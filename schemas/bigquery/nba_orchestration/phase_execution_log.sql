CREATE TABLE IF NOT EXISTS `nba_orchestration.phase_execution_log` (
  game_date DATE NOT NULL OPTIONS (description = 'the day'),
  log_id STRING NOT NULL OPTIONS (description = 'derived from run, phase, re-trigger and status'),
  phase_name STRING NOT NULL OPTIONS (description = 'phase'),
  status STRING NOT NULL OPTIONS (description = 'running, waiting, completed, failed or skipped'),
  run_id STRING NOT NULL OPTIONS (description = 'run: the workflow run'),
  retrigger INT64 NOT NULL OPTIONS (description = 'how often it was re-triggered'),
  started_at TIMESTAMP OPTIONS (description = 'clock: when the phase began'),
  execution_timestamp TIMESTAMP NOT NULL OPTIONS (description = 'clock: when it changed'),
  duration_seconds FLOAT64 OPTIONS (description = 'clock: seconds since it began'),
  message STRING OPTIONS (description = 'what is worth knowing'),
  PRIMARY KEY (game_date, log_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY log_id
OPTIONS (description = 'run: every transition of every phase');
