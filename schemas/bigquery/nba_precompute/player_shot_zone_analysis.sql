CREATE TABLE IF NOT EXISTS `nba_precompute.player_shot_zone_analysis` (
  analysis_date DATE NOT NULL OPTIONS (description = 'the day that is run'),
  player_id INT64 NOT NULL OPTIONS (description = 'player'),
  games_in_sample INT64 NOT NULL OPTIONS (description = 'games used, at most 10'),
  two_pt_rate FLOAT64 OPTIONS (description = 'share of shots, percent 0-100'),
  three_pt_rate FLOAT64 OPTIONS (description = 'share of shots, percent 0-100'),
  pct_paint FLOAT64 OPTIONS (description = 'share 0-1, proxy; see zone_source'),
  pct_mid_range FLOAT64 OPTIONS (description = 'share 0-1, proxy'),
  pct_three FLOAT64 OPTIONS (description = 'share 0-1'),
  pct_free_throw FLOAT64 OPTIONS (description = 'free-throw points per point, 0-0.5'),
  is_proxy BOOL NOT NULL OPTIONS (description = 'true where derived from the box score'),
  primary_scoring_zone STRING NOT NULL OPTIONS (description = 'paint, perimeter, mid_range or balanced'),
  zone_source STRING OPTIONS (description = 'what paint and mid-range are from: points_in_paint or free_throw_rate'),
  PRIMARY KEY (analysis_date, player_id) NOT ENFORCED
)
PARTITION BY analysis_date
CLUSTER BY player_id
OPTIONS (description = 'where a player\'s shots come from, last 10 games; a proxy from his points in the paint, else from FGA, 3PA and FTA');
