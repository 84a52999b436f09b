CREATE TABLE IF NOT EXISTS `nba_predictions.system_daily_performance` (
  game_date DATE NOT NULL OPTIONS (description = 'the day that was predicted'),
  system_id STRING NOT NULL OPTIONS (description = 'the prediction system'),
  predictions INT64 NOT NULL OPTIONS (description = 'active predictions'),
  graded INT64 NOT NULL OPTIONS (description = 'with an outcome'),
  voids INT64 NOT NULL OPTIONS (description = 'voided'),
  pushes INT64 NOT NULL OPTIONS (description = 'pushes'),
  recommendations INT64 NOT NULL OPTIONS (description = 'OVER or UNDER'),
  correct INT64 NOT NULL OPTIONS (description = 'of those, right'),
  mae FLOAT64 OPTIONS (description = 'mean absolute error, points'),
  rmse FLOAT64 OPTIONS (description = 'root mean squared error, points'),
  bias FLOAT64 OPTIONS (description = 'mean signed error, points'),
  lined INT64 NOT NULL OPTIONS (description = 'graded predictions with a line'),
  lined_mae FLOAT64 OPTIONS (description = 'mean absolute error on the rows with a line, points'),
  line_mae FLOAT64 OPTIONS (description = 'mean absolute error of the line on the same rows as lined_mae'),
  hit_rate FLOAT64 OPTIONS (description = 'correct per decided recommendation'),
  brier FLOAT64 OPTIONS (description = 'mean squared error of prob_over'),
  PRIMARY KEY (game_date, system_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY system_id
OPTIONS (description = 'a system\'s day');
