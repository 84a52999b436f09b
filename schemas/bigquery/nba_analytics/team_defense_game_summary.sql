CREATE TABLE IF NOT EXISTS `nba_analytics.team_defense_game_summary` (
  game_date DATE NOT NULL OPTIONS (description = 'US/Eastern date'),
  game_id STRING NOT NULL OPTIONS (description = 'canonical key'),
  season STRING NOT NULL OPTIONS (description = 'as 2025-26'),
  team_abbr STRING NOT NULL OPTIONS (description = 'the defending team'),
  opponent_abbr STRING NOT NULL OPTIONS (description = 'the team it defended against'),
  is_home BOOL NOT NULL OPTIONS (description = 'at home'),
  points_allowed INT64 NOT NULL OPTIONS (description = 'opponent\'s points'),
  opponent_possessions FLOAT64 NOT NULL OPTIONS (description = 'opponent\'s possessions'),
  defensive_rating FLOAT64 NOT NULL OPTIONS (description = 'points allowed per 100 opponent possessions'),
  opponent_pace FLOAT64 NOT NULL OPTIONS (description = 'opponent possessions per 48 minutes'),
  opponent_fgm INT64 NOT NULL OPTIONS (description = 'opponent field goals made'),
  opponent_fga INT64 NOT NULL OPTIONS (description = 'opponent field goals attempted'),
  opponent_fg3m INT64 NOT NULL OPTIONS (description = 'opponent threes made'),
  opponent_fg3a INT64 NOT NULL OPTIONS (description = 'opponent threes attempted'),
  opponent_ftm INT64 NOT NULL OPTIONS (description = 'opponent free throws made'),
  opponent_fta INT64 NOT NULL OPTIONS (description = 'opponent free throws attempted'),
  opponent_ts_pct FLOAT64 OPTIONS (description = 'opponent true shooting'),
  season_type STRING OPTIONS (description = 'regular, play_in, playoffs or cup_final; NULL is regular'),
  PRIMARY KEY (game_date, game_id, team_abbr) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY game_id, team_abbr
OPTIONS (description = 'what a team allowed');
