CREATE TABLE IF NOT EXISTS `nba_analytics.team_offense_game_summary` (
  game_date DATE NOT NULL OPTIONS (description = 'US/Eastern date'),
  game_id STRING NOT NULL OPTIONS (description = 'canonical key'),
  season STRING NOT NULL OPTIONS (description = 'as 2025-26'),
  team_abbr STRING NOT NULL OPTIONS (description = 'team'),
  opponent_abbr STRING NOT NULL OPTIONS (description = 'opponent'),
  is_home BOOL NOT NULL OPTIONS (description = 'at home'),
  is_win BOOL NOT NULL OPTIONS (description = 'won'),
  points INT64 NOT NULL OPTIONS (description = 'points'),
  opponent_points INT64 NOT NULL OPTIONS (description = 'points allowed'),
  possessions FLOAT64 NOT NULL OPTIONS (description = 'FGA + 0.44 FTA + TOV - OREB'),
  game_minutes INT64 NOT NULL OPTIONS (description = '48, and 5 for each overtime'),
  overtime_periods INT64 NOT NULL OPTIONS (description = 'periods of overtime'),
  pace FLOAT64 NOT NULL OPTIONS (description = 'possessions per 48 minutes'),
  offensive_rating FLOAT64 NOT NULL OPTIONS (description = 'points per 100 possessions'),
  ts_pct FLOAT64 OPTIONS (description = 'true shooting'),
  season_type STRING OPTIONS (description = 'regular, play_in, playoffs or cup_final; NULL is regular'),
  PRIMARY KEY (game_date, game_id, team_abbr) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY game_id, team_abbr
OPTIONS (description = 'what a team did with the ball');
