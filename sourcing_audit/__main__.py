"""`python -m sourcing_audit`."""

from sourcing_audit.cli import main

main()
