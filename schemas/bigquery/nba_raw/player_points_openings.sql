CREATE TABLE IF NOT EXISTS `nba_raw.player_points_openings` (
  game_date DATE NOT NULL OPTIONS (description = 'US/Eastern date of the game'),
  game_id STRING NOT NULL OPTIONS (description = 'canonical key'),
  player_id INT64 NOT NULL OPTIONS (description = 'resolved player'),
  points_line FLOAT64 NOT NULL OPTIONS (description = 'consensus of the sportsbooks in the first snapshot that had him, points'),
  books INT64 NOT NULL OPTIONS (description = 'sportsbooks with a main line in it'),
  snapshot_at TIMESTAMP NOT NULL OPTIONS (description = 'the latest change by a book to that game\'s lines in it'),
  PRIMARY KEY (game_date, game_id, player_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY game_id, player_id
OPTIONS (description = 'the first consensus line of the day per player; the first writer wins');
