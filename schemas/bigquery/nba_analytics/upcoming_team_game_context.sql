CREATE TABLE IF NOT EXISTS `nba_analytics.upcoming_team_game_context` (
  game_date DATE NOT NULL OPTIONS (description = 'the day that is run'),
  game_id STRING NOT NULL OPTIONS (description = 'canonical key'),
  season STRING NOT NULL OPTIONS (description = 'as 2025-26'),
  team_abbr STRING NOT NULL OPTIONS (description = 'team'),
  opponent_abbr STRING NOT NULL OPTIONS (description = 'opponent'),
  is_home BOOL NOT NULL OPTIONS (description = 'at home'),
  tip_time TIMESTAMP OPTIONS (description = 'scheduled tip-off'),
  season_type STRING NOT NULL OPTIONS (description = 'regular, play_in, playoffs or cup_final'),
  days_rest INT64 OPTIONS (description = 'days since the last game less one; NULL before the first of the season'),
  is_back_to_back BOOL NOT NULL OPTIONS (description = 'played yesterday'),
  games_in_last_7_days INT64 NOT NULL OPTIONS (description = 'games in the seven days before'),
  games_played_season INT64 NOT NULL OPTIONS (description = 'games this season before today'),
  win_pct_season FLOAT64 OPTIONS (description = 'wins per game this season, NULL under 5 games'),
  pace_last_10 FLOAT64 OPTIONS (description = 'mean pace of the last 10 games'),
  off_rating_last_10 FLOAT64 OPTIONS (description = 'mean offensive rating of the last 10'),
  def_rating_last_15 FLOAT64 OPTIONS (description = 'mean defensive rating of the last 15'),
  opponent_pace_allowed_last_15 FLOAT64 OPTIONS (description = 'mean opponent pace of the last 15'),
  PRIMARY KEY (game_date, game_id, team_abbr) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY game_id, team_abbr
OPTIONS (description = 'a team on the morning of its game');
