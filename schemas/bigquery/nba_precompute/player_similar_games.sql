CREATE TABLE IF NOT EXISTS `nba_precompute.player_similar_games` (
  game_date DATE NOT NULL OPTIONS (description = 'the day that is run'),
  player_id INT64 NOT NULL OPTIONS (description = 'player'),
  similar_games INT64 NOT NULL OPTIONS (description = 'his past games in like circumstances, at most 20'),
  similar_score FLOAT64 OPTIONS (description = 'their mean similarity, 70-100'),
  similar_margin FLOAT64 OPTIONS (description = 'points in them less his average then, weighted by similarity'),
  PRIMARY KEY (game_date, player_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY player_id
OPTIONS (description = 'a player\'s past games in circumstances like today\'s');
