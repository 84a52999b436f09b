CREATE TABLE IF NOT EXISTS `nba_predictions.ml_feature_store_v2` (
  game_date DATE NOT NULL OPTIONS (description = 'the day that is run'),
  player_id INT64 NOT NULL OPTIONS (description = 'player'),
  player_lookup STRING NOT NULL OPTIONS (description = 'normalised name'),
  game_id STRING NOT NULL OPTIONS (description = 'canonical key'),
  team_abbr STRING NOT NULL OPTIONS (description = 'team'),
  opponent_abbr STRING NOT NULL OPTIONS (description = 'opponent'),
  is_home BOOL NOT NULL OPTIONS (description = 'at home'),
  features ARRAY<FLOAT64> OPTIONS (description = 'values in the contract\'s order'),
  feature_names ARRAY<STRING> OPTIONS (description = 'names in the contract\'s order'),
  feature_sources ARRAY<STRING> OPTIONS (description = 'per feature: computed, proxy, default or unavailable'),
  feature_count INT64 NOT NULL OPTIONS (description = 'values in the vector'),
  feature_version STRING NOT NULL OPTIONS (description = 'the contract, as v2_33features'),
  feature_quality_score FLOAT64 NOT NULL OPTIONS (description = '0-100 from the sources used'),
  quality_tier STRING NOT NULL OPTIONS (description = 'gold, silver, bronze, poor or unusable'),
  early_season BOOL NOT NULL OPTIONS (description = 'fewer than 10 games this season'),
  games_in_sample INT64 NOT NULL OPTIONS (description = 'games behind the rolling averages'),
  insufficient_data_reason STRING OPTIONS (description = 'why the vector should not be used, if so'),
  as_of TIMESTAMP NOT NULL OPTIONS (description = 'the instant it was computed for'),
  partial_games ARRAY<STRING> OPTIONS (description = 'games behind the values whose box score lacks players or is missing'),
  PRIMARY KEY (game_date, player_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY player_id
OPTIONS (description = 'the feature vectors that predictions read');
