CREATE TABLE IF NOT EXISTS `nba_raw.schedule` (
  snapshot_date DATE NOT NULL OPTIONS (description = 'the day that was run; point in time by construction'),
  game_id STRING NOT NULL OPTIONS (description = 'canonical key YYYYMMDD_AWAY_HOME'),
  nba_game_id STRING OPTIONS (description = 'the league\'s ten digits, where known'),
  game_date DATE NOT NULL OPTIONS (description = 'US/Eastern date of the game'),
  season STRING NOT NULL OPTIONS (description = 'as 2025-26'),
  away_team_abbr STRING NOT NULL OPTIONS (description = 'three letters of nba.com'),
  home_team_abbr STRING NOT NULL OPTIONS (description = 'three letters of nba.com'),
  tip_time TIMESTAMP OPTIONS (description = 'scheduled tip-off'),
  tip_assumed BOOL NOT NULL OPTIONS (description = 'true where the source gave no time and 19:00 Eastern was assumed'),
  game_status INT64 NOT NULL OPTIONS (description = '1 scheduled, 2 live, 3 final'),
  is_postponed BOOL NOT NULL OPTIONS (description = 'postponed: not missing'),
  season_type STRING NOT NULL OPTIONS (description = 'regular, play_in, playoffs or cup_final'),
  home_score INT64 OPTIONS (description = 'final points, where final'),
  away_score INT64 OPTIONS (description = 'final points, where final'),
  PRIMARY KEY (snapshot_date, game_id) NOT ENFORCED
)
PARTITION BY snapshot_date
CLUSTER BY game_id
OPTIONS (description = 'the games around a day as the schedule showed them that morning');
