"""Weight files: found, downloaded, checked, converted, measured against this machine."""
