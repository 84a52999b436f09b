CREATE TABLE IF NOT EXISTS `nba_raw.team_box_scores` (
  game_date DATE NOT NULL OPTIONS (description = 'US/Eastern date'),
  game_id STRING NOT NULL OPTIONS (description = 'canonical key'),
  season STRING NOT NULL OPTIONS (description = 'as 2025-26'),
  team_abbr STRING NOT NULL OPTIONS (description = 'team'),
  opponent_abbr STRING NOT NULL OPTIONS (description = 'the other team'),
  is_home BOOL NOT NULL OPTIONS (description = 'at home'),
  points INT64 NOT NULL OPTIONS (description = 'the team\'s points by the source that gives the score'),
  player_points INT64 NOT NULL OPTIONS (description = 'sum over the players'),
  players INT64 NOT NULL OPTIONS (description = 'players who appeared'),
  player_minutes FLOAT64 NOT NULL OPTIONS (description = 'sum over the players, minutes'),
  fgm INT64 NOT NULL OPTIONS (description = 'field goals made'),
  fga INT64 NOT NULL OPTIONS (description = 'field goals attempted'),
  fg3m INT64 NOT NULL OPTIONS (description = 'three-pointers made'),
  fg3a INT64 NOT NULL OPTIONS (description = 'three-pointers attempted'),
  ftm INT64 NOT NULL OPTIONS (description = 'free throws made'),
  fta INT64 NOT NULL OPTIONS (description = 'free throws attempted'),
  oreb INT64 NOT NULL OPTIONS (description = 'offensive rebounds'),
  dreb INT64 NOT NULL OPTIONS (description = 'defensive rebounds'),
  assists INT64 NOT NULL OPTIONS (description = 'assists'),
  turnovers INT64 NOT NULL OPTIONS (description = 'turnovers'),
  is_complete BOOL NOT NULL OPTIONS (description = 'design section 6: both teams, points add up, minutes add up, points identity exact'),
  incomplete_reason STRING OPTIONS (description = 'what does not add up'),
  source STRING NOT NULL OPTIONS (description = 'the source of the score'),
  completed_by STRING OPTIONS (description = 'the source that supplied missing players'),
  season_type STRING OPTIONS (description = 'regular, play_in, playoffs or cup_final; NULL is regular'),
  PRIMARY KEY (game_date, game_id, team_abbr) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY game_id, team_abbr
OPTIONS (description = 'one row per team and game, with what the completeness rule says of it');
