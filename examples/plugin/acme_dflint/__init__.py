"""dflint rules of the Acme company."""
