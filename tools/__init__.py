"""People's tools: what is built on everything else."""
