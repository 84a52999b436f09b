CREATE TABLE IF NOT EXISTS `nba_predictions.ml_models` (
  trained_through DATE NOT NULL OPTIONS (description = 'the last game date it has seen, inclusive'),
  model_id STRING NOT NULL OPTIONS (description = 'derived from system, contract, range and training rows'),
  system_id STRING NOT NULL OPTIONS (description = 'the prediction system'),
  status STRING NOT NULL OPTIONS (description = 'challenger, shadow, champion or retired: what model_decisions say, made visible'),
  feature_version STRING NOT NULL OPTIONS (description = 'the contract'),
  feature_names ARRAY<STRING> OPTIONS (description = 'names in order'),
  checksum STRING NOT NULL OPTIONS (description = 'SHA-256 of the artefact, hexadecimal'),
  artifact_path STRING NOT NULL OPTIONS (description = 'file name below the models folder'),
  trained_from DATE NOT NULL OPTIONS (description = 'the first game date'),
  training_rows INT64 NOT NULL OPTIONS (description = 'rows'),
  training_hash STRING NOT NULL OPTIONS (description = 'SHA-256 of the training rows'),
  validation_mae FLOAT64 OPTIONS (description = 'mean absolute error on the held-out last 30 days, points'),
  residual_std FLOAT64 OPTIONS (description = 'standard deviation of the held-out errors, points'),
  code_version STRING NOT NULL OPTIONS (description = 'version of tipoff'),
  created_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when it was registered'),
  metrics STRING OPTIONS (description = 'held-out metrics by segment, JSON'),
  approved_by STRING OPTIONS (description = 'who promoted it last; null for a bootstrap'),
  approved_reason STRING OPTIONS (description = 'why it was promoted'),
  approved_at TIMESTAMP OPTIONS (description = 'clock: when it was promoted'),
  PRIMARY KEY (trained_through, model_id) NOT ENFORCED
)
PARTITION BY trained_through
CLUSTER BY model_id
OPTIONS (description = 'trained models and what they were trained on');
