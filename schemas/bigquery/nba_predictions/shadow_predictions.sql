CREATE TABLE IF NOT EXISTS `nba_predictions.shadow_predictions` (
  game_date DATE NOT NULL OPTIONS (description = 'the day that is run'),
  model_id STRING NOT NULL OPTIONS (description = 'the challenger that predicts beside the champion'),
  game_id STRING NOT NULL OPTIONS (description = 'canonical key'),
  player_id INT64 NOT NULL OPTIONS (description = 'player'),
  player_name STRING NOT NULL OPTIONS (description = 'display name'),
  system_id STRING NOT NULL OPTIONS (description = 'the prediction system whose champion it shadows'),
  tip_time TIMESTAMP OPTIONS (description = 'scheduled tip-off'),
  predicted_points FLOAT64 NOT NULL OPTIONS (description = 'points, median of the predicted distribution'),
  predicted_mean FLOAT64 NOT NULL OPTIONS (description = 'points, mean of the predicted distribution'),
  predicted_std FLOAT64 NOT NULL OPTIONS (description = 'points, standard deviation of the predicted distribution'),
  points_line FLOAT64 OPTIONS (description = 'consensus line; NULL without one'),
  raw_prob_over FLOAT64 OPTIONS (description = 'P(over) of the distribution; a shadow is not calibrated'),
  contributions STRING OPTIONS (description = 'JSON: what the predicted mean is made of, points'),
  as_of TIMESTAMP NOT NULL OPTIONS (description = 'the instant the day was planned for'),
  created_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when it was made, in the day\'s own time'),
  PRIMARY KEY (game_date, model_id, game_id, player_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY model_id
OPTIONS (description = 'what challengers in shadow predict; never recommended, never published');
