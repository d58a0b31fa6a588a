"""What runs in the sandbox, and lies beside each analysis so that it runs anywhere: numpy, pandas, scipy, matplotlib alone."""
