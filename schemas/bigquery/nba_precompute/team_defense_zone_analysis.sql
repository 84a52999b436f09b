CREATE TABLE IF NOT EXISTS `nba_precompute.team_defense_zone_analysis` (
  analysis_date DATE NOT NULL OPTIONS (description = 'the day that is run'),
  team_abbr STRING NOT NULL OPTIONS (description = 'the defending team'),
  games_in_sample INT64 NOT NULL OPTIONS (description = 'games used, at most 15'),
  defensive_rating_last_15 FLOAT64 OPTIONS (description = 'mean'),
  opponent_points_per_game FLOAT64 OPTIONS (description = 'mean'),
  opponent_pace FLOAT64 OPTIONS (description = 'mean'),
  two_pt_pct_allowed FLOAT64 OPTIONS (description = 'opponent two-point makes per attempt'),
  three_pt_pct_allowed FLOAT64 OPTIONS (description = 'opponent three-point makes per attempt'),
  ft_rate_allowed FLOAT64 OPTIONS (description = 'opponent free throws attempted per field goal attempted'),
  two_pt_vs_league_avg FLOAT64 OPTIONS (description = 'points of percentage against the league\'s mean; positive is weak'),
  three_pt_vs_league_avg FLOAT64 OPTIONS (description = 'points of percentage against the league\'s mean; positive is weak'),
  ft_rate_vs_league_avg FLOAT64 OPTIONS (description = 'hundredths against the league\'s mean; positive is weak'),
  strongest_zone STRING OPTIONS (description = 'two_pt or three_pt'),
  weakest_zone STRING OPTIONS (description = 'two_pt or three_pt'),
  PRIMARY KEY (analysis_date, team_abbr) NOT ENFORCED
)
PARTITION BY analysis_date
CLUSTER BY team_abbr
OPTIONS (description = 'what a defence allows, last 15 games');
