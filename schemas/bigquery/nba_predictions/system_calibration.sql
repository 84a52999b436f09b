CREATE TABLE IF NOT EXISTS `nba_predictions.system_calibration` (
  game_date DATE NOT NULL OPTIONS (description = 'the day that is run'),
  system_id STRING NOT NULL OPTIONS (description = 'the prediction system'),
  graded_rows INT64 NOT NULL OPTIONS (description = 'graded predictions with a decided line behind it'),
  graded_through STRING OPTIONS (description = 'date of the latest of them; NULL without one'),
  slope FLOAT64 NOT NULL OPTIONS (description = 'share of its distance from the market, in logits, that a system keeps'),
  intercept FLOAT64 NOT NULL OPTIONS (description = 'added, in logits'),
  weights STRING OPTIONS (description = 'the ensemble\'s weights, JSON; NULL for the others'),
  PRIMARY KEY (game_date, system_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY system_id
OPTIONS (description = 'how each system\'s probability is calibrated on the day');
