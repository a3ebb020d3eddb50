"""The review application: pages over the case database and published runs. `policy` says who reaches which."""
