CREATE TABLE IF NOT EXISTS `nba_predictions.withheld_players` (
  game_date DATE NOT NULL OPTIONS (description = 'the day that is run'),
  game_id STRING NOT NULL OPTIONS (description = 'canonical key'),
  player_id INT64 NOT NULL OPTIONS (description = 'player'),
  player_name STRING NOT NULL OPTIONS (description = 'display name'),
  team_abbr STRING OPTIONS (description = 'team'),
  has_prop_line BOOL NOT NULL OPTIONS (description = 'a real line exists'),
  systems_missing ARRAY<STRING> OPTIONS (description = 'systems without a prediction'),
  stage STRING NOT NULL OPTIONS (description = 'where he was held back: resolution, eligibility, features, quality or predictions'),
  reason STRING NOT NULL OPTIONS (description = 'why'),
  PRIMARY KEY (game_date, game_id, player_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY game_id, player_id
OPTIONS (description = 'who is not predicted by every system, and why');
