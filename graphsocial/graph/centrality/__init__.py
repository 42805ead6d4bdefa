"""One number for every node: degrees, ranks, betweenness."""
