"""Evidence packs: what a case rests on, in a PDF and for machines, signed so that any change shows."""
