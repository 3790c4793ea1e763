"""That templates and zips stand without our laptop cloud: they are deployed to an emulator that we did not write."""
