CREATE TABLE IF NOT EXISTS `nba_orchestration.request_claims` (
  game_date DATE NOT NULL OPTIONS (description = 'the day'),
  request_id STRING NOT NULL OPTIONS (description = 'the request'),
  action STRING NOT NULL OPTIONS (description = 'retrigger, skip, pause, resume or abort'),
  reason STRING NOT NULL OPTIONS (description = 'why'),
  requested_by STRING NOT NULL OPTIONS (description = 'who'),
  run_id STRING NOT NULL OPTIONS (description = 'run: the run that acted'),
  claimed_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when'),
  PRIMARY KEY (game_date, request_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY request_id
OPTIONS (description = 'run: operators\' requests, each acted on once');
