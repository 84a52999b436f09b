CREATE TABLE IF NOT EXISTS `nba_orchestration.operator_actions` (
  requested_on DATE NOT NULL OPTIONS (description = 'clock: UTC date of the request'),
  action_id STRING NOT NULL OPTIONS (description = 'run: the request'),
  action STRING NOT NULL OPTIONS (description = 'the command, as schedule pause or backfill'),
  subject STRING NOT NULL OPTIONS (description = 'what it was about: a schedule, dates, a build, a model'),
  requested_by STRING NOT NULL OPTIONS (description = 'who, as user@machine'),
  reason STRING NOT NULL OPTIONS (description = 'why; empty where none was given'),
  requested_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when'),
  PRIMARY KEY (requested_on, action_id) NOT ENFORCED
)
PARTITION BY requested_on
CLUSTER BY action
OPTIONS (description = 'run: commands that change something and have no record of their own: schedules, backfills, training, deployments');
