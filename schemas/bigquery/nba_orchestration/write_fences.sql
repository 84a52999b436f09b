CREATE TABLE IF NOT EXISTS `nba_orchestration.write_fences` (
  table_name STRING NOT NULL OPTIONS (description = 'the table'),
  partition_date DATE NOT NULL OPTIONS (description = 'the partition; 0001-01-01 for a table without'),
  slice STRING NOT NULL OPTIONS (description = 'the slice of the partition; empty for all of it'),
  epoch INT64 NOT NULL OPTIONS (description = 'when the last writing run began, microseconds since 1970'),
  retrigger INT64 NOT NULL OPTIONS (description = 'its re-trigger number'),
  PRIMARY KEY (table_name, partition_date, slice) NOT ENFORCED
)
CLUSTER BY table_name, partition_date
OPTIONS (description = 'run: the highest fence each target was written under; a lower one is refused. Embedded only: on BigQuery each target has a table of its own in tipoff_fences, because mutating transactions conflict per table');
