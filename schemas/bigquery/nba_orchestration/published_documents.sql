CREATE TABLE IF NOT EXISTS `nba_orchestration.published_documents` (
  game_date DATE NOT NULL OPTIONS (description = 'the day'),
  document STRING NOT NULL OPTIONS (description = 'name of the document'),
  path STRING NOT NULL OPTIONS (description = 'below the export folder'),
  sha256 STRING NOT NULL OPTIONS (description = 'of its bytes, hexadecimal'),
  size_bytes INT64 NOT NULL OPTIONS (description = 'its size'),
  row_count INT64 NOT NULL OPTIONS (description = 'predictions in it'),
  published_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when it was published'),
  PRIMARY KEY (game_date, document) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY document
OPTIONS (description = 'what was published, checked back against the warehouse');
