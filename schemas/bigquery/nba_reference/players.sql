CREATE TABLE IF NOT EXISTS `nba_reference.players` (
  registered_on DATE NOT NULL OPTIONS (description = 'the day whose run registered him, or learned another name or the id of his'),
  player_id INT64 NOT NULL OPTIONS (description = 'nba.com personId, or derived from the normalised name'),
  player_lookup STRING NOT NULL OPTIONS (description = 'normalised name'),
  player_name STRING NOT NULL OPTIONS (description = 'display name'),
  nba_player_id INT64 OPTIONS (description = 'nba.com personId, where known'),
  team_abbr STRING OPTIONS (description = 'team when registered'),
  source STRING NOT NULL OPTIONS (description = 'where he was seen'),
  PRIMARY KEY (registered_on, player_id) NOT ENFORCED
)
PARTITION BY registered_on
CLUSTER BY player_id
OPTIONS (description = 'every player ever seen, registered by the day that first saw him; a row more for a name or an id learned since');
