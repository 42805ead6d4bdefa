"""What users do: interests over topics and modalities, rhythms, who is alike, roles, and how it drifts."""
