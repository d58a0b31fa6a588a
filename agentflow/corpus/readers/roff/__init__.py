"""Manual pages in roff: man(7) and mdoc(7), packed ones as well."""
