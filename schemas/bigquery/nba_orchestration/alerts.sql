CREATE TABLE IF NOT EXISTS `nba_orchestration.alerts` (
  game_date DATE NOT NULL OPTIONS (description = 'the date it is about, US/Eastern; the date it arose for one about no date'),
  cause STRING NOT NULL OPTIONS (description = 'what broke, as phase/processor/error type; one row a date however often it arises'),
  severity STRING NOT NULL OPTIONS (description = 'info, warning, error or critical: the gravest it has been while open'),
  title STRING NOT NULL OPTIONS (description = 'in a line'),
  text STRING NOT NULL OPTIONS (description = 'what broke'),
  blocks STRING OPTIONS (description = 'what waits for it'),
  doing STRING OPTIONS (description = 'what tipoff does about it already'),
  command STRING OPTIONS (description = 'what to run'),
  workflow_id STRING OPTIONS (description = 'the workflow it is about'),
  occurrences INT64 NOT NULL OPTIONS (description = 'how often it arose'),
  first_seen TIMESTAMP NOT NULL OPTIONS (description = 'clock: when it arose'),
  last_seen TIMESTAMP NOT NULL OPTIONS (description = 'clock: when it arose last'),
  first_sent TIMESTAMP OPTIONS (description = 'clock: when a channel took it first'),
  last_sent TIMESTAMP OPTIONS (description = 'clock: when a channel took it last'),
  sent_severity STRING OPTIONS (description = 'the severity it was last told with, since it arose; NULL: not told yet'),
  last_tried TIMESTAMP OPTIONS (description = 'clock: when the channels were last tried'),
  undelivered ARRAY<STRING> OPTIONS (description = 'channels that have not taken it yet; tried again later'),
  failure STRING OPTIONS (description = 'why not'),
  resolved_at TIMESTAMP OPTIONS (description = 'clock: when the cause was gone'),
  resolution STRING OPTIONS (description = 'what ended it'),
  resolution_sent TIMESTAMP OPTIONS (description = 'clock: when that was told'),
  PRIMARY KEY (game_date, cause) NOT ENFORCED
)
PARTITION BY game_date
OPTIONS (description = 'run: what a person should know, each cause of a date once, and whether it was told');
