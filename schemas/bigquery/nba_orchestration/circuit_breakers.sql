CREATE TABLE IF NOT EXISTS `nba_orchestration.circuit_breakers` (
  source STRING NOT NULL OPTIONS (description = 'the upstream: nba-cdn, stats-nba, espn, balldontlie or odds-api'),
  state STRING NOT NULL OPTIONS (description = 'closed, open (not asked) or half_open (one call finds out)'),
  failures INT64 NOT NULL OPTIONS (description = 'failed calls in a row'),
  openings INT64 NOT NULL OPTIONS (description = 'openings in a row; each is left alone for longer'),
  not_before TIMESTAMP OPTIONS (description = 'clock: it is not asked before this: open, or told so by Retry-After'),
  reason STRING OPTIONS (description = 'why it is not asked'),
  failed_on DATE OPTIONS (description = 'clock: the UTC date that failed_today counts'),
  failed_today INT64 NOT NULL OPTIONS (description = 'failed calls of that date, against its budget; kept to the nearest ten'),
  changed_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when this became so'),
  PRIMARY KEY (source) NOT ENFORCED
)
OPTIONS (description = 'run: how each upstream is, for all workers and the next process');
