"""Cases and what is done with them: models, plain functions on a session, and the rules they keep. No web in here."""
