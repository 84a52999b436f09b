CREATE TABLE IF NOT EXISTS `nba_predictions.model_decisions` (
  effective_from DATE NOT NULL OPTIONS (description = 'the first game date it holds for'),
  decision_id STRING NOT NULL OPTIONS (description = 'derived from the run that decided; of a bootstrap, from the model'),
  system_id STRING NOT NULL OPTIONS (description = 'the prediction system'),
  model_id STRING NOT NULL OPTIONS (description = 'the model that is served, shadowed or retired'),
  previous_model_id STRING OPTIONS (description = 'the champion that it takes over from'),
  action STRING NOT NULL OPTIONS (description = 'bootstrap, promote, rollback, shadow or retire'),
  decided_by STRING NOT NULL OPTIONS (description = 'who decided'),
  reason STRING NOT NULL OPTIONS (description = 'why'),
  decided_at TIMESTAMP NOT NULL OPTIONS (description = 'clock: when it was decided'),
  PRIMARY KEY (effective_from, decision_id) NOT ENFORCED
)
PARTITION BY effective_from
CLUSTER BY system_id
OPTIONS (description = 'who serves which dates: the only truth about it; ml_models.status is its visible projection');
