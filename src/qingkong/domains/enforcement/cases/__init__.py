"""Reports, cases, their teams and decisions. See README.md."""
