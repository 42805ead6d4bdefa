"""Who relates to whom, how, with which sign and how strongly."""
