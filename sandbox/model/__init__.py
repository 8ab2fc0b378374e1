"""An OpenAI-compatible endpoint whose models are rules: deterministic, offline, and they say so."""
