CREATE TABLE IF NOT EXISTS `nba_raw.rosters` (
  roster_date DATE NOT NULL OPTIONS (description = 'the day that was run'),
  team_abbr STRING NOT NULL OPTIONS (description = 'team'),
  player_id INT64 NOT NULL OPTIONS (description = 'resolved player'),
  player_lookup STRING NOT NULL OPTIONS (description = 'normalised name'),
  player_name STRING NOT NULL OPTIONS (description = 'as listed'),
  source STRING NOT NULL OPTIONS (description = 'espn, or box_scores where derived'),
  resolution STRING NOT NULL OPTIONS (description = 'how the player was found'),
  PRIMARY KEY (roster_date, team_abbr, player_id) NOT ENFORCED
)
PARTITION BY roster_date
CLUSTER BY team_abbr, player_id
OPTIONS (description = 'who belongs to which team that morning');
