CREATE TABLE IF NOT EXISTS `nba_precompute.player_daily_cache` (
  cache_date DATE NOT NULL OPTIONS (description = 'the day that is run'),
  player_id INT64 NOT NULL OPTIONS (description = 'player'),
  games_in_sample INT64 NOT NULL OPTIONS (description = 'games of the last ten that exist'),
  games_played_season INT64 NOT NULL OPTIONS (description = 'games this season'),
  points_avg_last_5 FLOAT64 OPTIONS (description = 'points'),
  points_avg_last_10 FLOAT64 OPTIONS (description = 'points'),
  points_avg_season FLOAT64 OPTIONS (description = 'points'),
  points_std_last_10 FLOAT64 OPTIONS (description = 'points, sample standard deviation'),
  points_ewma FLOAT64 OPTIONS (description = 'exponentially weighted mean of points, alpha 0.10'),
  recent_trend FLOAT64 OPTIONS (description = 'bucket -2..2'),
  minutes_change FLOAT64 OPTIONS (description = 'bucket -2..2'),
  minutes_avg_last_10 FLOAT64 OPTIONS (description = 'minutes'),
  minutes_avg_season FLOAT64 OPTIONS (description = 'minutes'),
  ppm_avg_last_10 FLOAT64 OPTIONS (description = 'points per minute, mean of per-game ratios'),
  usage_rate_last_10 FLOAT64 OPTIONS (description = 'percent'),
  usage_rate_season FLOAT64 OPTIONS (description = 'percent, mean of the season\'s games'),
  ts_pct_last_10 FLOAT64 OPTIONS (description = 'true shooting'),
  avg_points_vs_opponent FLOAT64 OPTIONS (description = 'points against today\'s opponent, three years'),
  games_vs_opponent INT64 NOT NULL OPTIONS (description = 'games against today\'s opponent, three years'),
  season_source STRING NOT NULL OPTIONS (description = 'season, last_20 (before his first game of it) or none'),
  team_pace_last_10 FLOAT64 OPTIONS (description = 'possessions per 48'),
  team_off_rating_last_10 FLOAT64 OPTIONS (description = 'points per 100 possessions'),
  last_game_date DATE OPTIONS (description = 'his latest game before the day'),
  minutes_ewma FLOAT64 OPTIONS (description = 'exponentially weighted mean of minutes, alpha 0.30'),
  shots_ewma FLOAT64 OPTIONS (description = 'exponentially weighted mean of field goal attempts, alpha 0.10'),
  minutes_last_game FLOAT64 OPTIONS (description = 'minutes of his latest game'),
  minutes_std_last_10 FLOAT64 OPTIONS (description = 'minutes, sample standard deviation'),
  PRIMARY KEY (cache_date, player_id) NOT ENFORCED
)
PARTITION BY cache_date
CLUSTER BY player_id
OPTIONS (description = 'a player\'s form from games strictly before the day');
