CREATE TABLE IF NOT EXISTS `nba_analytics.upcoming_player_game_context` (
  game_date DATE NOT NULL OPTIONS (description = 'the day that is run'),
  game_id STRING NOT NULL OPTIONS (description = 'canonical key'),
  season STRING NOT NULL OPTIONS (description = 'as 2025-26'),
  player_id INT64 NOT NULL OPTIONS (description = 'player'),
  player_lookup STRING NOT NULL OPTIONS (description = 'normalised name'),
  player_name STRING NOT NULL OPTIONS (description = 'display name'),
  team_abbr STRING NOT NULL OPTIONS (description = 'team'),
  opponent_abbr STRING NOT NULL OPTIONS (description = 'opponent'),
  is_home BOOL NOT NULL OPTIONS (description = 'at home'),
  tip_time TIMESTAMP OPTIONS (description = 'scheduled tip-off'),
  has_prop_line BOOL NOT NULL OPTIONS (description = 'at least one book offers a points line'),
  points_line FLOAT64 OPTIONS (description = 'consensus: median over books of each book\'s main line'),
  books INT64 NOT NULL OPTIONS (description = 'books with a main line'),
  days_rest INT64 OPTIONS (description = 'days since his last game less one; NULL without one in 60 days'),
  is_back_to_back BOOL NOT NULL OPTIONS (description = 'played yesterday'),
  games_in_last_7_days INT64 NOT NULL OPTIONS (description = 'his games in the seven days before'),
  games_in_last_14_days INT64 NOT NULL OPTIONS (description = 'his games in the fourteen days before'),
  minutes_in_last_7_days INT64 NOT NULL OPTIONS (description = 'his minutes in the seven days before'),
  back_to_backs_last_14_days INT64 NOT NULL OPTIONS (description = 'his back-to-backs in the fourteen days before'),
  games_in_last_60_days INT64 NOT NULL OPTIONS (description = 'his games in the sixty days before'),
  games_played_season INT64 NOT NULL OPTIONS (description = 'his games this season'),
  usage_rate_last_7_games FLOAT64 OPTIONS (description = 'mean usage of his last 7 games'),
  avg_minutes_last_7_games FLOAT64 OPTIONS (description = 'mean minutes of his last 7 games'),
  injury_status STRING NOT NULL OPTIONS (description = 'out, doubtful, questionable, probable, available or unknown'),
  season_type STRING NOT NULL OPTIONS (description = 'regular, play_in, playoffs or cup_final'),
  eligible BOOL NOT NULL OPTIONS (description = 'to be predicted: at least 5 games in 60 days, or a line; and not out'),
  ineligible_reason STRING OPTIONS (description = 'why not'),
  opening_line FLOAT64 OPTIONS (description = 'consensus of the first snapshot of the day; NULL without one before that of points_line'),
  PRIMARY KEY (game_date, game_id, player_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY game_id, player_id
OPTIONS (description = 'a player on the morning of his game');
