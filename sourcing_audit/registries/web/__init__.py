"""What hosts say of their contents: files of a host, headers and pages."""
