CREATE TABLE IF NOT EXISTS `nba_predictions.shadow_results` (
  game_date DATE NOT NULL OPTIONS (description = 'the day that was predicted'),
  model_id STRING NOT NULL OPTIONS (description = 'the challenger'),
  game_id STRING NOT NULL OPTIONS (description = 'canonical key'),
  player_id INT64 NOT NULL OPTIONS (description = 'player'),
  player_name STRING NOT NULL OPTIONS (description = 'display name'),
  system_id STRING NOT NULL OPTIONS (description = 'the prediction system whose champion it shadowed'),
  predicted_points FLOAT64 NOT NULL OPTIONS (description = 'points'),
  predicted_mean FLOAT64 NOT NULL OPTIONS (description = 'points'),
  actual_points INT64 OPTIONS (description = 'NULL when void'),
  signed_error FLOAT64 OPTIONS (description = 'predicted less actual'),
  absolute_error FLOAT64 OPTIONS (description = 'points'),
  champion_absolute_error FLOAT64 OPTIONS (description = 'the champion\'s on the same player and game, points'),
  is_void BOOL NOT NULL OPTIONS (description = 'did not play, postponed, not graded, or without the champion\'s prediction'),
  void_reason STRING OPTIONS (description = 'as in prediction_results, or no_champion_prediction'),
  PRIMARY KEY (game_date, model_id, game_id, player_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY model_id
OPTIONS (description = 'shadow predictions against what happened, beside the champion\'s');
