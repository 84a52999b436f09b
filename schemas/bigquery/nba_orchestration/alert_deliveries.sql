CREATE TABLE IF NOT EXISTS `nba_orchestration.alert_deliveries` (
  game_date DATE NOT NULL OPTIONS (description = 'the date of the alert'),
  cause STRING NOT NULL OPTIONS (description = 'the cause of the alert'),
  channel STRING NOT NULL OPTIONS (description = 'the channel that is told'),
  occasion STRING NOT NULL OPTIONS (description = 'what it is told of: the severity or the end, and when the alert was last sent and tried before'),
  status STRING NOT NULL OPTIONS (description = 'claimed, sent or refused'),
  holder STRING NOT NULL OPTIONS (description = 'the attempt of an activity that claimed it'),
  claimed_until TIMESTAMP NOT NULL OPTIONS (description = 'clock: another may claim it after this, unless it is sent'),
  settled_at TIMESTAMP OPTIONS (description = 'clock: when it was sent or refused'),
  change_number INT64 NOT NULL OPTIONS (description = 'the change of this table that wrote the row; each number is written once'),
  PRIMARY KEY (game_date, cause, channel) NOT ENFORCED
)
OPTIONS (description = 'run: who tells which channel of an alert, claimed before it is sent; the latest occasion of each');
