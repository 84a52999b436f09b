CREATE TABLE IF NOT EXISTS `nba_raw.player_points_props` (
  game_date DATE NOT NULL OPTIONS (description = 'US/Eastern date of the game'),
  game_id STRING NOT NULL OPTIONS (description = 'canonical key'),
  player_id INT64 NOT NULL OPTIONS (description = 'resolved player'),
  player_lookup STRING NOT NULL OPTIONS (description = 'normalised canonical name'),
  player_name STRING NOT NULL OPTIONS (description = 'as the book wrote it'),
  team_abbr STRING OPTIONS (description = 'the player\'s team as of the morning'),
  bookmaker STRING NOT NULL OPTIONS (description = 'the book\'s key'),
  points_line FLOAT64 NOT NULL OPTIONS (description = 'points'),
  over_price FLOAT64 OPTIONS (description = 'decimal odds of the over'),
  under_price FLOAT64 OPTIONS (description = 'decimal odds of the under'),
  is_main BOOL NOT NULL OPTIONS (description = 'the book\'s most balanced two-sided line; alternates are false'),
  is_dfs BOOL NOT NULL OPTIONS (description = 'a fantasy operator: good for the line, useless for the price'),
  event_id STRING NOT NULL OPTIONS (description = 'the odds source\'s event'),
  commence_time TIMESTAMP NOT NULL OPTIONS (description = 'tip-off by the odds source'),
  last_update TIMESTAMP NOT NULL OPTIONS (description = 'when the book last changed it'),
  resolution STRING NOT NULL OPTIONS (description = 'how the player was found: name, alias, suffix, or unresolved and why'),
  PRIMARY KEY (game_date, game_id, player_id, bookmaker, points_line) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY game_id, player_id, bookmaker, points_line
OPTIONS (description = 'player points lines, one row per book and line');
