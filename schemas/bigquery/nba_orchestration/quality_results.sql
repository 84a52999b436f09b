CREATE TABLE IF NOT EXISTS `nba_orchestration.quality_results` (
  game_date DATE NOT NULL OPTIONS (description = 'the day that was checked'),
  dataset STRING NOT NULL OPTIONS (description = 'the table that was checked, dataset.table'),
  check_name STRING NOT NULL OPTIONS (description = 'the check'),
  severity STRING NOT NULL OPTIONS (description = 'what a finding means: info, warning or error'),
  status STRING NOT NULL OPTIONS (description = 'pass, warn, fail or skipped'),
  observed FLOAT64 OPTIONS (description = 'the figure that was checked; none if skipped'),
  warn_if STRING OPTIONS (description = 'which figure is a warning, as > 0.3'),
  error_if STRING OPTIONS (description = 'which figure is an error'),
  failed_rows INT64 NOT NULL OPTIONS (description = 'rows that the finding is about'),
  sample_ref STRING OPTIONS (description = 'what to look at: features or players'),
  run_id STRING NOT NULL OPTIONS (description = 'run: the workflow run'),
  checked_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when it was checked'),
  checked_by STRING OPTIONS (description = 'the gate or validator that checked, and owns the row'),
  blocking STRING OPTIONS (description = 'what an error of it holds back: nothing, players, games or phase'),
  blocked ARRAY<STRING> OPTIONS (description = 'ids of the players or games held back'),
  failing ARRAY<STRING> OPTIONS (description = 'keys of the failing rows, the first 500'),
  PRIMARY KEY (game_date, checked_by, dataset, check_name) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY checked_by, dataset, check_name
OPTIONS (description = 'what the quality checks of a day found');
