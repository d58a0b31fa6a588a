"""Where figures were measured, as every table of results says it."""

MACHINE = "2 cores of an AMD EPYC with avx512_bf16, no amx"
