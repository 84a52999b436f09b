CREATE TABLE IF NOT EXISTS `nba_precompute.player_composite_factors` (
  game_date DATE NOT NULL OPTIONS (description = 'the day that is run'),
  player_id INT64 NOT NULL OPTIONS (description = 'player'),
  fatigue_score FLOAT64 NOT NULL OPTIONS (description = '0-100, 100 is fresh'),
  shot_zone_mismatch_score FLOAT64 OPTIONS (description = '-10..10, positive favours the player; NULL where an input is unknown'),
  pace_score FLOAT64 OPTIONS (description = '-3..3; NULL where an input is unknown'),
  usage_spike_score FLOAT64 OPTIONS (description = '-3..3; NULL where an input is unknown'),
  star_teammates_out INT64 NOT NULL OPTIONS (description = 'regular starters of his team reported out'),
  rest_advantage FLOAT64 OPTIONS (description = 'days, player less opponent, -2..2; NULL where either is unknown'),
  injury_risk FLOAT64 NOT NULL OPTIONS (description = '0 available, 1 probable, 2 questionable, 3 doubtful or out'),
  injury_known BOOL NOT NULL OPTIONS (description = 'whether any injury report was there'),
  PRIMARY KEY (game_date, player_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY player_id
OPTIONS (description = 'fatigue, mismatch, pace and usage in one place');
