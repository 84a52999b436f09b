CREATE TABLE IF NOT EXISTS `nba_predictions.prediction_results` (
  game_date DATE NOT NULL OPTIONS (description = 'the day that was predicted'),
  prediction_id STRING NOT NULL OPTIONS (description = 'the prediction'),
  game_id STRING NOT NULL OPTIONS (description = 'canonical key'),
  player_id INT64 NOT NULL OPTIONS (description = 'player'),
  player_name STRING NOT NULL OPTIONS (description = 'display name'),
  system_id STRING NOT NULL OPTIONS (description = 'the prediction system'),
  predicted_points FLOAT64 NOT NULL OPTIONS (description = 'points'),
  prob_over FLOAT64 OPTIONS (description = 'probability of more points than the line, given no push'),
  confidence_score FLOAT64 NOT NULL OPTIONS (description = '0-1: how settled the inputs are, not a chance of winning'),
  recommendation STRING NOT NULL OPTIONS (description = 'OVER, UNDER, PASS or NO_LINE'),
  points_line FLOAT64 OPTIONS (description = 'the line it was made with'),
  sportsbook STRING OPTIONS (description = 'the book'),
  over_price FLOAT64 OPTIONS (description = 'decimal odds'),
  under_price FLOAT64 OPTIONS (description = 'decimal odds'),
  line_last_update TIMESTAMP OPTIONS (description = 'when the line was current'),
  actual_points INT64 OPTIONS (description = 'NULL when void'),
  actual_minutes INT64 OPTIONS (description = 'NULL when void'),
  signed_error FLOAT64 OPTIONS (description = 'predicted less actual'),
  absolute_error FLOAT64 OPTIONS (description = 'points'),
  outcome STRING NOT NULL OPTIONS (description = 'over, under, push, no_line or void'),
  prediction_correct BOOL OPTIONS (description = 'NULL for PASS, NO_LINE, push and void'),
  is_void BOOL NOT NULL OPTIONS (description = 'did not play, postponed or not graded'),
  void_reason STRING OPTIONS (description = 'did_not_play, postponed, no_box_score or created_after_tip'),
  predicted_mean FLOAT64 OPTIONS (description = 'points, mean of the predicted distribution'),
  raw_prob_over FLOAT64 OPTIONS (description = 'P(over) before calibration'),
  market_prob_over FLOAT64 OPTIONS (description = 'the market\'s P(over) without its margin'),
  market_mean FLOAT64 OPTIONS (description = 'points that the market expected, as a mean'),
  PRIMARY KEY (game_date, prediction_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY prediction_id
OPTIONS (description = 'predictions against what happened');
