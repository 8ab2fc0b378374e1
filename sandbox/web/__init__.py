"""The page on which one person plays the operator and the customers: plain files, served as they are."""
