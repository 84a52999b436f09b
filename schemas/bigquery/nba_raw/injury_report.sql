CREATE TABLE IF NOT EXISTS `nba_raw.injury_report` (
  report_date DATE NOT NULL OPTIONS (description = 'the day that was run'),
  player_id INT64 NOT NULL OPTIONS (description = 'resolved player'),
  player_name STRING NOT NULL OPTIONS (description = 'as reported'),
  team_abbr STRING OPTIONS (description = 'team'),
  status STRING NOT NULL OPTIONS (description = 'out, doubtful, questionable, probable or available'),
  detail STRING OPTIONS (description = 'what was reported'),
  reported_at TIMESTAMP OPTIONS (description = 'when the source last changed it'),
  PRIMARY KEY (report_date, player_id) NOT ENFORCED
)
PARTITION BY report_date
CLUSTER BY player_id
OPTIONS (description = 'injuries as reported that morning; no rows and status unknown differ, see scrape_log');
