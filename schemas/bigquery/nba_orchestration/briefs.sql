CREATE TABLE IF NOT EXISTS `nba_orchestration.briefs` (
  game_date DATE NOT NULL OPTIONS (description = 'the day it is about'),
  document STRING NOT NULL OPTIONS (description = 'brief.md or brief.html'),
  path STRING NOT NULL OPTIONS (description = 'below the export folder'),
  sha256 STRING NOT NULL OPTIONS (description = 'of its bytes, hexadecimal'),
  size_bytes INT64 NOT NULL OPTIONS (description = 'its size'),
  waiting INT64 NOT NULL OPTIONS (description = 'phases that wait for a person'),
  written_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when it was written'),
  PRIMARY KEY (game_date, document) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY document
OPTIONS (description = 'run: the hand-over documents');
