"""From a request to finished records: plan, jobs, folds, final models."""
