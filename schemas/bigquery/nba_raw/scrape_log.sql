CREATE TABLE IF NOT EXISTS `nba_raw.scrape_log` (
  game_date DATE NOT NULL OPTIONS (description = 'the day that was run, US/Eastern'),
  processor STRING NOT NULL OPTIONS (description = 'the scraper that asked'),
  request STRING NOT NULL OPTIONS (description = 'what was asked for: schedule, box_score/20251106_LAC_PHX/<source>, events, event_odds/<event id>, injuries/<source>/<page>, roster/<team>, leaguegamelog/<season>/<P or T>/<first>/<last>'),
  subject_date DATE OPTIONS (description = 'the US/Eastern date of the games it is about, where it is about games'),
  source STRING NOT NULL OPTIONS (description = 'nba_cdn, stats_nba, espn, balldontlie or odds_api'),
  url STRING OPTIONS (description = 'the address without keys and without the replay\'s time prefix'),
  status STRING NOT NULL OPTIONS (description = 'ok, incomplete (answered, but the box score does not add up), unavailable or failed'),
  detail STRING OPTIONS (description = 'why it is not ok, or why the sources before it did not win; of events: which games the schedule lacks'),
  independent BOOL OPTIONS (description = 'false where a fallback is known to repeat the first source'),
  content_hash STRING OPTIONS (description = 'SHA-256 of the body, hexadecimal'),
  object_path STRING OPTIONS (description = 'where the body is stored'),
  body_bytes INT64 OPTIONS (description = 'size of the body in bytes'),
  fetched_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when the response was received, in the day\'s own time'),
  PRIMARY KEY (game_date, processor, request) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY processor, request
OPTIONS (description = 'every response a day needed, as received, and where it came from');
